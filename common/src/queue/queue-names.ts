import { ConfigError } from '../config/config.ts';
import { type Static, Type } from '../schema.ts';
import { validatorOf, violationsOf } from '../validator.ts';

const QueueNamesSchema = Type.Object({
  queue: Type.String({ minLength: 1 }),
  /** What it receives; patterns with `*` and `#` allowed. */
  events: Type.Array(Type.String(), { default: [] }),
  prefetch: Type.Integer({ minimum: 1, maximum: 65535 }),
  /** Queues to wait in, in the order of the attempts. */
  retries: Type.Array(Type.String()),
  dead: Type.String({ minLength: 1 }),
});

/** A queue of this service and what belongs to it, as the deploy has declared it. */
export type QueueNames = Static<typeof QueueNamesSchema>;

const isQueues = validatorOf(Type.Array(QueueNamesSchema));

/**
 * Reads the variable QUEUES.
 * @throws ConfigError
 */
export function readQueues(text: string | undefined): QueueNames[] {
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(['QUEUES is not JSON']);
  }
  if (isQueues(value)) return value;
  const found = violationsOf(isQueues.errors ?? []);
  throw new ConfigError(found.map(({ pointer, detail }) => `QUEUES ${pointer} ${detail}`));
}

/** Whether a topic pattern takes a routing key: `*` is one word, `#` any number of words. */
export function matchesPattern(pattern: string, routingKey: string): boolean {
  return matchesWords(pattern.split('.'), routingKey.split('.'));
}

function matchesWords([first, ...pattern]: string[], words: string[]): boolean {
  if (first === undefined) return words.length === 0;
  if (first === '#') {
    return words.length === 0
      ? matchesWords(pattern, words)
      : matchesWords(pattern, words) || matchesWords([first, ...pattern], words.slice(1));
  }
  const [word, ...rest] = words;
  return word !== undefined && (first === '*' || first === word) && matchesWords(pattern, rest);
}
