import {
  cloudOverbooked,
  maybeTooManyConnections,
  tooLargeForNode,
  tooManyConnections,
  unknownClass,
} from '../errors/meaning/capacity.ts';
import type { Cloud, Service } from '../model.ts';
import type { CheckContext } from './check.ts';

/** What is known before a deploy: what no machine can hold, and what all of it needs together. */
export function checkCapacity(context: CheckContext): void {
  context.model.clouds.forEach((cloud, index) => {
    if (cloud.nodes === null) {
      return;
    }
    for (const service of context.services) {
      if ((service.instances[cloud.name]?.max ?? 0) > 0) {
        checkInstance(context, service, cloud);
      }
    }
    checkTotal(context, cloud, index);
  });
  checkConnections(context);
}

/** A cache stands in the group of its instance, so it must fit on the same machine. */
const instanceMemory = (service: Service) =>
  service.memory.softMiB + (service.redis === null || service.redis.persistent ? 0 : service.redis.memoryMiB);

function checkInstance(context: CheckContext, service: Service, cloud: Cloud): void {
  const path = ['services', service.name];
  const node = cloud.nodes?.[service.class];
  if (node === undefined) {
    const classes = Object.keys(cloud.nodes ?? {});
    const near = context.suggestions.didYouMean(service.class, classes);
    context.report(unknownClass(context.place([...path, 'class']), service.class, near, cloud.name, classes));
    return;
  }
  const memory = instanceMemory(service);
  if (memory > node.memoryMiB) {
    const place = context.place([...path, 'memory', 'softMiB']);
    const cache = memory === service.memory.softMiB ? '' : ' with its cache';
    context.report(
      tooLargeForNode(place, service.name, cloud.name, `${memory} MiB${cache}`, `${node.memoryMiB} MiB`),
    );
  }
  if (service.cpuMHz > node.cpuMHz) {
    const place = context.place([...path, 'cpuMHz']);
    context.report(
      tooLargeForNode(place, service.name, cloud.name, `${service.cpuMHz} MHz`, `${node.cpuMHz} MHz`),
    );
  }
}

/** What is reserved on the machines of each class, at the smallest number of instances. */
function checkTotal(context: CheckContext, cloud: Cloud, index: number): void {
  for (const [name, node] of Object.entries(cloud.nodes ?? {})) {
    const shares = context.services.flatMap((service) => {
      const count = service.instances[cloud.name]?.min ?? 0;
      const own = service.class === name ? instanceMemory(service) * count : 0;
      const data = name === 'default' && count > 0 && service.redis?.persistent ? service.redis.memoryMiB : 0;
      return own + data > 0 ? [{ name: service.name, amount: own + data }] : [];
    });
    const platform =
      name === 'default' ? context.model.rabbitmq.memoryMiB + context.model.edge.memoryMiB * node.count : 0;
    const reserved = shares.reduce((sum, share) => sum + share.amount, platform);
    const capacity = node.count * node.memoryMiB;
    if (reserved > capacity) {
      const place = context.place(['clouds', index, 'nodes', name]);
      const largest = mostOf(shares, (amount) => `${amount.toLocaleString('en')} MiB`);
      const mib = (amount: number) => `${amount.toLocaleString('en')} MiB`;
      context.report(cloudOverbooked(place, cloud.name, name, mib(reserved), mib(capacity), largest));
    }
  }
}

function checkConnections(context: CheckContext): void {
  const { connections: limit, pool } = context.model.rabbitmq;
  const users = context.services.filter(({ publishes, consumes }) => publishes.length + consumes.length > 0);
  const sharesOf = (end: 'min' | 'max') =>
    users.map(({ name, instances }) => ({
      name,
      amount: pool * Object.values(instances).reduce((sum, count) => sum + count[end], 0),
    }));
  for (const [end, kind] of [
    ['min', tooManyConnections],
    ['max', maybeTooManyConnections],
  ] as const) {
    const shares = sharesOf(end);
    const total = shares.reduce((sum, share) => sum + share.amount, 0);
    if (total > limit) {
      const largest = shares.toSorted((a, b) => b.amount - a.amount)[0]?.name ?? '';
      const written = context.place(['rabbitmq', 'connections']);
      const place = written.range === null ? context.place(['services', largest, 'instances']) : written;
      context.report(
        kind(
          place,
          total,
          limit,
          mostOf(shares, (amount) => `${amount}`),
        ),
      );
      return;
    }
  }
}

/** The three largest shares, in words. */
function mostOf(shares: { name: string; amount: number }[], unit: (amount: number) => string): string[] {
  return shares
    .toSorted((a, b) => b.amount - a.amount)
    .slice(0, 3)
    .map(({ name, amount }) => `${name} ${unit(amount)}`);
}
