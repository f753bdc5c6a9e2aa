import type { Consume } from '../language/model.ts';

/** The names that a consumer and the topology must agree on. */
export interface QueueNames {
  queue: string;
  /** One queue per wait, in the order of the attempts; equal waits share one. */
  retries: string[];
  dead: string;
}

/**
 * A retry queue is named after its wait, because RabbitMQ never changes the arguments of a queue: another wait is another
 * queue.
 */
export function queueNames(consume: Consume): QueueNames {
  return {
    queue: consume.queue,
    retries: consume.retriesMs.map((wait) => `${consume.queue}.retry.${waitName(wait)}`),
    dead: `${consume.queue}.dead`,
  };
}

/** The largest unit that is whole: `1500ms`, `10s`, `5m`, `1h`. */
function waitName(milliseconds: number): string {
  const units: [string, number][] = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}
