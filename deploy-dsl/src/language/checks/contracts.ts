import type { Contract } from '../contract.ts';
import { brokenContract, notHandled, notInContract, notInFile } from '../errors/meaning/contracts.ts';
import type { Service } from '../model.ts';
import type { CheckContext } from './check.ts';
import { EventTree } from './event-tree.ts';

/**
 * What the file says of the events and calls of a service is what the service says of itself. Of what runs from the
 * working tree only: an image may be of another version than the folder.
 */
export function checkContracts(context: CheckContext): void {
  for (const service of context.services) {
    const contract = service.image === null ? context.contractIn(service.directory) : null;
    if (contract === null) continue;
    if ('broken' in contract) {
      context.report(
        brokenContract(context.place(['services', service.name]), contract.broken, contract.reason),
      );
      continue;
    }
    checkNames(context, service, contract, 'calls');
    checkNames(context, service, contract, 'publishes');
    checkConsumed(context, service, contract);
  }
}

function checkNames(
  context: CheckContext,
  service: Service,
  contract: Contract,
  key: 'calls' | 'publishes',
): void {
  const path = ['services', service.name, key];
  const stated = new Set(service[key]);
  for (const name of contract[key]) {
    if (!stated.has(name)) context.report(notInFile(context.place(path), service.name, key, name));
  }
  const known = new Set(contract[key]);
  service[key].forEach((name, index) => {
    if (!known.has(name)) {
      context.report(notInContract(context.place([...path, index]), service.name, key, name));
    }
  });
}

/** The service refuses to start where its queues and its handlers do not fit. */
function checkConsumed(context: CheckContext, service: Service, { consumes }: Contract): void {
  const tree = new EventTree();
  for (const event of consumes) tree.add(event);
  const received = new Set<string>();
  service.consumes.forEach(({ events }, index) => {
    events.forEach((pattern, position) => {
      const matches = tree.matches(pattern);
      for (const event of matches) received.add(event);
      // A pattern may bring events that nobody here is interested in; a name is there because somebody is.
      if (matches.size === 0 && !/[*#]/.test(pattern)) {
        const path = ['services', service.name, 'consumes', index, 'events', position];
        context.report(notHandled(context.place(path), service.name, pattern));
      }
    });
  });
  const place = context.place(['services', service.name, 'consumes']);
  for (const event of consumes) {
    if (!received.has(event)) context.report(notInFile(place, service.name, 'consumes', event));
  }
}
