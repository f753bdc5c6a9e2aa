import { cacheMissesEvents, dataPerCloud } from '../errors/meaning/state.ts';
import type { Service } from '../model.ts';
import type { CheckContext } from './check.ts';
import { EventTree } from './event-tree.ts';

/**
 * State that several holders of it would see differently. Several instances that share one persistent Redis are the
 * normal case and fine; these two are not:
 * - a persistent Redis in several clouds is one set of data per cloud. Fine if the service consumes its own events,
 *   for then each cloud hears what the other did.
 * - a cache beside each instance that is fed by events: a queue gives each message to one instance only.
 */
export function checkState(context: CheckContext): void {
  for (const service of context.services) {
    const path = ['services', service.name];
    const clouds = Object.entries(service.instances).flatMap(([cloud, { max }]) => (max > 0 ? [cloud] : []));
    if (service.redis?.persistent && clouds.length > 1 && !hearsItself(service)) {
      context.report(dataPerCloud(context.place([...path, 'redis', 'persistent']), service.name, clouds));
    }
    const several = Object.values(service.instances).some(({ max }) => max > 1);
    if (service.redis?.persistent === false && several && service.consumes.length > 0) {
      const labels = context.label([...path, 'consumes'], 'each message reaches one instance');
      context.report(cacheMissesEvents(context.place([...path, 'redis']), service.name, labels));
    }
  }
}

function hearsItself(service: Service): boolean {
  const own = new EventTree();
  for (const event of service.publishes) {
    own.add(event);
  }
  return service.consumes.some(({ events }) => events.some((pattern) => own.matches(pattern).size > 0));
}
