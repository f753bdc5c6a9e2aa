import { neverConsumed, neverPublished, queueTwice } from '../errors/meaning/events.ts';
import type { Service } from '../model.ts';
import type { CheckContext } from './check.ts';
import { EventTree } from './event-tree.ts';

/** Events: every one that is published is consumed, and the other way round. */
export function checkEvents(context: CheckContext): void {
  const published = new Set(context.services.flatMap((service) => service.publishes));
  const tree = new EventTree();
  for (const event of published) {
    tree.add(event);
  }
  const matchesOf = new Map<string, Set<string>>();
  const consumed = new Set<string>();
  for (const service of context.services) {
    checkQueues(context, service);
    service.consumes.forEach((consume, index) => {
      consume.events.forEach((pattern, position) => {
        let matches = matchesOf.get(pattern);
        if (matches === undefined) {
          matches = tree.matches(pattern);
          matchesOf.set(pattern, matches);
          for (const event of matches) {
            consumed.add(event);
          }
        }
        if (matches.size === 0) {
          const path = ['services', service.name, 'consumes', index, 'events', position];
          const near = context.suggestions.didYouMean(pattern, published);
          context.report(neverPublished(context.place(path), pattern, near));
        }
      });
    });
  }
  for (const service of context.services) {
    service.publishes.forEach((event, index) => {
      if (!consumed.has(event)) {
        context.report(neverConsumed(context.place(['services', service.name, 'publishes', index]), event));
      }
    });
  }
}

function checkQueues(context: CheckContext, service: Service): void {
  const first = new Map<string, number>();
  service.consumes.forEach(({ queue }, index) => {
    const before = first.get(queue);
    if (before === undefined) {
      first.set(queue, index);
      return;
    }
    const path = ['services', service.name, 'consumes'];
    const named = context.label([...path, before, 'queue'], 'the first one');
    const labels = named.length > 0 ? named : context.label([...path, before], 'the first one');
    context.report(queueTwice(context.place([...path, index, 'queue']), queue, labels));
  });
}
