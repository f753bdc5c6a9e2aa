import { createHash } from 'node:crypto';
import type { Redis } from './redis.ts';

const digests = new Map<string, string>();

/** Scripts come from the code, so that they are few; one that is made anew each time must not fill the memory. */
const MOST_DIGESTS = 1_000;

/** Executes a Lua script by its digest, and sends the text only to a Redis that has not seen it yet. */
export async function runScript(
  redis: Redis,
  script: string,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(digestOf(script), keys.length, ...keys, ...args);
  } catch (error) {
    // Nothing was executed then.
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(script, keys.length, ...keys, ...args);
  }
}

function digestOf(script: string): string {
  const known = digests.get(script);
  if (known !== undefined) return known;
  const digest = createHash('sha1').update(script).digest('hex');
  if (digests.size < MOST_DIGESTS) digests.set(script, digest);
  return digest;
}
