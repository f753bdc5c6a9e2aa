import type { EventHandler } from './handlers.ts';
import { matchesPattern, type QueueNames } from './queue-names.ts';

/** What the queues and the handlers of a service miss of each other, in words; empty when they fit. */
export function mismatchesOf(handlers: readonly EventHandler[], queues: readonly QueueNames[]): string[] {
  const patterns = queues.flatMap(({ events }) => events);
  const handled = new Set(handlers.map(({ eventName }) => eventName));
  const unheard = [...handled].filter((name) => !patterns.some((pattern) => matchesPattern(pattern, name)));
  // A pattern may bring events that nobody here is interested in; a name is there because somebody is.
  const unhandled = patterns.filter((pattern) => !/[*#]/.test(pattern) && !handled.has(pattern));
  return [
    ...unheard.map((name) => `QUEUES has no queue that receives ${name}, which this service handles`),
    ...unhandled.map((name) => `QUEUES receives ${name}, which this service does not handle`),
  ];
}
