import type { Redis } from 'ioredis';

/** Keys that are read and written at once. */
const batch = 100;

export interface Copied {
  keys: number;
  /** Of these, with a time to live: they may be gone when somebody counts. */
  expiring: number;
}

/**
 * Copies every key of one database with its time to live, as it is stored.
 *
 * @throws ReplyError of the first key that was not taken; the signal's reason
 */
export async function copyKeys(
  from: Redis,
  to: Redis,
  signal: AbortSignal,
  tell: (keys: number) => void,
): Promise<Copied> {
  const copied = { keys: 0, expiring: 0 };
  let cursor = '0';
  do {
    signal.throwIfAborted();
    const [next, keys] = await from.scanBuffer(cursor, 'COUNT', batch);
    const stored = await Promise.all(
      keys.map(async (key) => ({
        key,
        dump: await from.dumpBuffer(key),
        expires: await from.pexpiretime(key),
      })),
    );
    const present = stored.flatMap(({ key, dump, expires }) =>
      dump === null ? [] : [{ key, dump, expires }],
    );
    await Promise.all(
      present.map(({ key, dump, expires }) =>
        to.restore(key, Math.max(0, expires), dump, 'REPLACE', 'ABSTTL'),
      ),
    );
    copied.keys += present.length;
    copied.expiring += present.filter(({ expires }) => expires > 0).length;
    tell(copied.keys);
    cursor = next.toString();
  } while (cursor !== '0');
  return copied;
}
