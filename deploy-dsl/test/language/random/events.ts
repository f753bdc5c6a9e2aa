import { builtin } from '../../../src/language/builtin.ts';
import type { Consume, Service } from '../../../src/language/model.ts';
import { parseDuration } from '../../../src/language/values.ts';
import { among, between, type Draw, maybe, Names, rarely } from './draw.ts';
import { drawMs } from './service.ts';

const words = ['room', 'user', 'created', 'closed', 'A_1', 'no', '7'];

/**
 * Lets services publish and consume: every event has a publisher and a consumer, a cache beside several instances
 * hears of none, and what is kept in several clouds hears its own.
 */
export function drawEvents(draw: Draw, services: Service[]): void {
  const events = new Set<string>();
  for (let left = between(draw, 0, 4); left > 0; left--) {
    events.add(Array.from({ length: between(draw, 1, 3) }, () => among(draw, words)).join('.'));
  }
  const consumers = services.filter((service) => !isSplitCache(service));
  for (const event of consumers.length === 0 ? [] : events) {
    among(draw, services).publishes.push(event);
    consume(draw, among(draw, consumers), patternOf(draw, event));
  }
  for (const service of services.filter(isSplitData)) {
    const own = service.publishes[0] ?? `${service.name}.changed`;
    if (service.publishes.length === 0) service.publishes.push(own);
    consume(draw, service, own);
  }
}

const isSplitCache = ({ redis, instances }: Service) =>
  redis?.persistent === false && Object.values(instances).some(({ max }) => max > 1);

const isSplitData = ({ redis, instances }: Service) =>
  redis?.persistent === true && Object.values(instances).filter(({ max }) => max > 0).length > 1;

function patternOf(draw: Draw, event: string): string {
  const parts = event.split('.');
  const last = parts.length - 1;
  return among(draw, [event, [...parts.slice(0, last), '*'].join('.'), `${parts[0]}.#`, '#']);
}

/** Into one of the queues that are there, or into one of its own. */
function consume(draw: Draw, service: Service, pattern: string): void {
  if (service.consumes.length > 0 && maybe(draw)) {
    among(draw, service.consumes).events.push(pattern);
    return;
  }
  const taken = service.consumes.map(({ queue }) => queue.slice(service.name.length + 1));
  const standard = `${service.name}.${builtin.consume.queue}`;
  const isFirst = !service.consumes.some(({ queue }) => queue === standard);
  const queue =
    isFirst && maybe(draw)
      ? standard
      : `${service.name}.${new Names([...taken, builtin.consume.queue]).next(draw)}`;
  service.consumes.push({
    queue,
    events: [pattern],
    prefetch: drawPrefetch(draw),
    retriesMs: drawRetries(draw),
  });
}

const drawPrefetch = (draw: Draw): Consume['prefetch'] =>
  maybe(draw) ? builtin.consume.prefetch : between(draw, 1, 10_000);

function drawRetries(draw: Draw): number[] {
  if (maybe(draw)) return builtin.consume.retries.map(parseDuration);
  return Array.from({ length: rarely(draw, 4) ? 20 : between(draw, 0, 3) }, () => drawMs(draw, 1));
}
