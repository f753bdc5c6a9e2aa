import type { Range } from './diagnostic.ts';
import type { Loaded } from './load.ts';
import type { Service } from './model.ts';
import type { ModelPath } from './origins.ts';
import { spellDuration, spellInstances, spellPort, spellRateLimit, spellSize } from './spell.ts';

/** One effective value of a service and where it comes from. */
export interface Explained {
  /** As in the file: `update.canary`, `routes[0].timeout`, `instances.aws`. */
  key: string;
  /** As in the file: `5s`, `2..8`; `none` for what is switched off or absent. */
  value: string;
  /** `built in`, or the layer: `defaults`, `services.rooms`, `environments.staging.services.rooms`. */
  layer: string;
  /** Where it is written; null when it is built in. */
  range: Range | null;
}

/**
 * Every effective value of a service, in the order of the reference page, each with its origin.
 * @returns an empty list when the environment has no such service
 */
export function explain({ model, origins }: Loaded, name: string): Explained[] {
  const service = model.services[name];
  if (service === undefined) {
    return [];
  }
  return rowsOf(service).map(({ key, value, path }) => {
    const origin = origins.exact(['services', name, ...path]);
    return { key, value, layer: origin?.layer ?? 'built in', range: origin?.range ?? null };
  });
}

interface Row {
  key: string;
  value: string;
  /** In the model, below the service. */
  path: ModelPath;
}

function rowsOf(service: Service): Row[] {
  const rows: Row[] = [];
  const row = (key: string, value: string | number | boolean | null, ...path: (string | number)[]) =>
    rows.push({ key, value: value === null ? 'none' : String(value), path });
  const list = (key: 'needs' | 'calls' | 'publishes') =>
    row(key, service[key].length === 0 ? null : `[${service[key].join(', ')}]`, key);

  row('image', service.image, 'image');
  row('version', service.version, 'version');
  row('command', service.command?.join(' ') ?? null, 'command');
  row('directory', service.directory, 'directory');
  for (const [cloud, instances] of Object.entries(service.instances)) {
    row(`instances.${cloud}`, spellInstances(instances), 'instances', cloud);
  }
  row('cpu', service.cpuMHz, 'cpuMHz');
  row('memory.soft', service.memory.softMiB, 'memory', 'softMiB');
  row('memory.hard', service.memory.hardMiB, 'memory', 'hardMiB');
  row('class', service.class, 'class');
  row('spread', service.spread ?? false, 'spread');
  service.routes.forEach((route, index) => {
    const key = `routes[${index}]`;
    row(`${key}.path`, route.path, 'routes', index, 'path');
    row(`${key}.websocket`, route.websocket, 'routes', index, 'websocket');
    row(`${key}.body`, spellSize(route.bodyBytes), 'routes', index, 'bodyBytes');
    row(`${key}.timeout`, spellDuration(route.timeoutMs), 'routes', index, 'timeoutMs');
    row(`${key}.limit`, route.limit === null ? null : spellRateLimit(route.limit), 'routes', index, 'limit');
  });
  list('needs');
  list('calls');
  list('publishes');
  service.consumes.forEach((consume, index) => {
    const key = `consumes[${index}]`;
    row(`${key}.queue`, consume.queue, 'consumes', index, 'queue');
    consume.events.forEach((event, position) => {
      row(`${key}.events[${position}]`, event, 'consumes', index, 'events', position);
    });
    row(`${key}.prefetch`, consume.prefetch, 'consumes', index, 'prefetch');
    const waits = consume.retriesMs.map(spellDuration).join(', ');
    row(`${key}.retries`, `[${waits}]`, 'consumes', index, 'retriesMs');
  });
  if (service.redis === null) {
    row('redis', false, 'redis');
  } else {
    row('redis.persistent', service.redis.persistent, 'redis', 'persistent');
    row('redis.memory', service.redis.memoryMiB, 'redis', 'memoryMiB');
    row('redis.pool', service.redis.pool, 'redis', 'pool');
  }
  service.secrets.forEach(({ name, generate }, index) => {
    row(
      `secrets.${name}`,
      generate === null ? 'set by an operator' : `generate ${generate}`,
      'secrets',
      index,
    );
  });
  for (const [name, value] of Object.entries(service.env)) {
    row(`env.${name}`, value, 'env', name);
  }
  row('health.path', service.health.path, 'health', 'path');
  row('health.live', service.health.live ?? false, 'health', 'live');
  row('health.interval', spellDuration(service.health.intervalMs), 'health', 'intervalMs');
  row('health.timeout', spellDuration(service.health.timeoutMs), 'health', 'timeoutMs');
  const { update } = service;
  row(
    'update.canary',
    update.canaryPercent === null ? false : `${update.canaryPercent}%`,
    'update',
    'canaryPercent',
  );
  row('update.bake', spellDuration(update.bakeMs), 'update', 'bakeMs');
  row('update.healthy', spellDuration(update.healthyMs), 'update', 'healthyMs');
  row('update.deadline', spellDuration(update.deadlineMs), 'update', 'deadlineMs');
  row('update.parallel', update.parallel, 'update', 'parallel');
  row('update.revert', update.revert, 'update', 'revert');
  row('update.drain', spellDuration(update.drainMs), 'update', 'drainMs');
  service.ports.forEach((port, index) => {
    row(`ports.${port.name}`, spellPort(port), 'ports', index);
  });
  service.volumes.forEach((volume, index) => {
    row(`volumes.${volume.name}`, volume.path, 'volumes', index);
  });
  return rows;
}
