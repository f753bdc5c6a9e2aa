import {
  needsCycle,
  reservedService,
  runsNowhere,
  serviceLeftOut,
  unknownService,
} from '../errors/meaning/names.ts';
import type { Service } from '../model.ts';
import type { CheckContext } from './check.ts';

const platformJobs: Record<string, string> = {
  edge: 'the job of nginx',
  rabbitmq: 'the job of RabbitMQ',
  'rabbitmq-management': 'the management of RabbitMQ, in Consul',
  nomad: 'Nomad itself, in Consul',
  'nomad-client': 'a Nomad client, in Consul',
  consul: 'Consul itself',
};

/** Names of services: none that the platform needs, and none that does not exist where one is referred to. */
export function checkServices(context: CheckContext): void {
  for (const service of context.services) {
    const owner = reservedFor(service.name);
    if (owner !== null) {
      context.report(reservedService(context.place(['services', service.name]), service.name, owner));
    }
    checkReferences(context, service, 'needs');
    checkReferences(context, service, 'calls');
  }
  checkCycles(context);
}

/** Which job of the platform has that name; null where a service may have it. */
export function reservedFor(name: string): string | null {
  if (Object.hasOwn(platformJobs, name)) return platformJobs[name] ?? null;
  return name.endsWith('-redis') ? `the Redis of a service "${name.slice(0, -'-redis'.length)}"` : null;
}

function checkReferences(context: CheckContext, service: Service, key: 'needs' | 'calls'): void {
  const { services, environment } = context.model;
  service[key].forEach((name, index) => {
    const place = context.place(['services', service.name, key, index]);
    const leftOut = context.facts.leftOut.get(name);
    const target = services[name];
    if (!context.facts.services.has(name)) {
      const { services: known } = context.facts;
      const near = context.suggestions.didYouMean(name, known);
      context.report(unknownService(place, name, near, known.size));
    } else if (leftOut !== undefined) {
      const labels = leftOut.range === null ? [] : [{ range: leftOut.range, text: 'left out here' }];
      context.report(serviceLeftOut(place, name, environment, labels));
    } else if (target !== undefined && Object.values(target.instances).every(({ max }) => max === 0)) {
      context.report(runsNowhere(place, name, environment));
    }
  });
}

/** Depth first, in the order of the file, without recursion: a chain may be as long as the file. */
function checkCycles(context: CheckContext): void {
  const done = new Set<string>();
  for (const start of context.services) {
    const trail: { service: Service; next: number }[] = [{ service: start, next: 0 }];
    const onTrail = new Map([[start.name, 0]]);
    while (trail.length > 0) {
      const top = trail.at(-1);
      if (top === undefined) {
        break;
      }
      const { service } = top;
      const name = done.has(service.name) ? undefined : service.needs[top.next++];
      if (name === undefined) {
        done.add(service.name);
        onTrail.delete(service.name);
        trail.pop();
        continue;
      }
      const at = onTrail.get(name);
      const needed = context.model.services[name];
      if (at !== undefined) {
        reportCycle(
          context,
          trail.slice(at).map((step) => step.service),
        );
      } else if (needed !== undefined && !done.has(name)) {
        onTrail.set(name, trail.length);
        trail.push({ service: needed, next: 0 });
      }
    }
  }
}

function reportCycle(context: CheckContext, cycle: Service[]): void {
  const [first] = cycle;
  if (first === undefined) {
    return;
  }
  const steps = cycle.map((service, index) => {
    const next = cycle[(index + 1) % cycle.length] ?? first;
    return {
      from: service.name,
      to: next.name,
      path: ['services', service.name, 'needs', service.needs.indexOf(next.name)],
    };
  });
  const labels = steps.slice(1).flatMap(({ from, to, path }) => context.label(path, `${from} needs ${to}`));
  context.report(
    needsCycle(
      context.place(steps[0]?.path ?? []),
      cycle.map((service) => service.name),
      labels,
    ),
  );
}
