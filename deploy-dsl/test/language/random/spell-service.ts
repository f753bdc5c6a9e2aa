import { builtin } from '../../../src/language/builtin.ts';
import type { Consume, Model, Route, Service } from '../../../src/language/model.ts';
import { parseDuration, parseSize } from '../../../src/language/values.ts';
import { among, type Draw, maybe } from './draw.ts';
import {
  type Spelled,
  type SpelledMap,
  spellBytes,
  spellCount,
  spellLimit,
  spellMiB,
  spellMs,
  spellPort,
  Verbatim,
} from './spelling.ts';

/** A key that may be left out, because its value is what holds without it. */
export function put(
  draw: Draw,
  map: SpelledMap,
  key: string,
  isStandard: boolean,
  value: () => Spelled,
): void {
  if (!isStandard || maybe(draw)) map.set(key, value());
}

/** Everything a service says itself. What is built in may be left out. */
export function spellService(draw: Draw, service: Service, model: Model): SpelledMap {
  const map: SpelledMap = new Map();
  const { name } = service;
  const add = (key: string, isStandard: boolean, value: () => Spelled) =>
    put(draw, map, key, isStandard, value);
  spellProgram(draw, map, service, model);
  add(
    'directory',
    service.directory === `services/${name}`,
    () => service.directory + (maybe(draw) ? '/' : ''),
  );
  spellInstances(draw, map, service, model);
  add('cpu', service.cpuMHz === builtin.service.cpu, () => service.cpuMHz);
  spellMemory(draw, map, service);
  add('class', service.class === 'default', () => service.class);
  add('routes', service.routes.length === 0, () => service.routes.map((route) => spellRoute(draw, route)));
  for (const key of ['needs', 'calls', 'publishes'] as const) {
    add(key, service[key].length === 0, () => [...service[key], ...(maybe(draw) ? service[key] : [])]);
  }
  add('consumes', service.consumes.length === 0, () => spellConsumes(draw, service));
  add('redis', service.redis === null, () => spellRedis(draw, service.redis));
  add('secrets', service.secrets.length === 0, () => spellSecrets(draw, service.secrets));
  add('env', Object.keys(service.env).length === 0, () => spellEnv(draw, service.env));
  spellHealth(draw, map, service);
  add('update', false, () => spellUpdate(draw, service));
  add(
    'ports',
    service.ports.length === 0,
    () => new Map(service.ports.map((port) => [port.name, spellPort(draw, port)])),
  );
  add(
    'volumes',
    service.volumes.length === 0,
    () => new Map(service.volumes.map((each) => [each.name, each.path])),
  );
  add('spread', service.spread === 'zone', () => service.spread ?? false);
  return map;
}

function spellProgram(draw: Draw, map: SpelledMap, service: Service, model: Model): void {
  const { image, version, command } = service;
  const standard = builtin.service.command.split(' ').join('\n');
  const isBuiltIn = model.driver === 'raw_exec' && command?.join('\n') === standard;
  if (command !== null) {
    put(draw, map, 'command', isBuiltIn, () => {
      const isPlain = command.every((word) => /^[^\s'"\\|&;<>`]+$/.test(word));
      return isPlain && maybe(draw) ? command.join(maybe(draw) ? ' ' : '   ') : command;
    });
  }
  if (image === null) {
    if (version !== null) map.set('version', version);
    return;
  }
  const prefix = model.registry === null ? '' : `${model.registry}/`;
  const bare = image.slice(prefix.length, image.lastIndexOf(':'));
  // Without a registry in front, or with the whole address where that looks like one.
  const base = prefix !== '' && maybe(draw) ? prefix + bare : bare;
  if (maybe(draw)) {
    map.set('image', `${base}:${version}`);
    if (version !== null && maybe(draw)) map.set('version', version);
  } else {
    put(draw, map, 'image', bare === service.name, () => base);
    if (version !== null) map.set('version', version);
  }
}

function spellInstances(draw: Draw, map: SpelledMap, { instances }: Service, { clouds }: Model): void {
  const counts = Object.values(instances);
  const [first] = counts;
  const isEverywhere = counts.length === clouds.length;
  const isEven = counts.every(({ min, max }) => min === first?.min && max === first.max);
  put(draw, map, 'instances', isEverywhere && isEven && first?.min === 1 && first.max === 1, () =>
    first !== undefined && isEverywhere && isEven && maybe(draw)
      ? spellCount(draw, first)
      : new Map(Object.entries(instances).map(([cloud, count]) => [cloud, spellCount(draw, count)])),
  );
}

function spellMemory(draw: Draw, map: SpelledMap, { memory: { softMiB, hardMiB } }: Service): void {
  const isStandard = softMiB === builtin.service.memory && hardMiB === softMiB;
  put(draw, map, 'memory', isStandard, () => {
    if (softMiB === hardMiB && maybe(draw)) return spellMiB(draw, softMiB);
    const both: SpelledMap = new Map();
    put(draw, both, 'soft', softMiB === builtin.service.memory, () => spellMiB(draw, softMiB));
    put(draw, both, 'hard', hardMiB === softMiB, () => spellMiB(draw, hardMiB));
    return both;
  });
}

function spellRoute(draw: Draw, route: Route): Spelled {
  const map: SpelledMap = new Map([['path', route.path]]);
  const { websocket, bodyBytes, timeoutMs, limit } = route;
  const standardMs = parseDuration(websocket ? builtin.route.websocketTimeout : builtin.route.timeout);
  put(draw, map, 'websocket', !websocket, () => websocket);
  put(draw, map, 'body', bodyBytes === parseSize(builtin.route.body), () => spellBytes(draw, bodyBytes));
  put(draw, map, 'timeout', timeoutMs === standardMs, () => spellMs(draw, timeoutMs));
  if (limit !== null) map.set('limit', spellLimit(draw, limit));
  return map.size === 1 && maybe(draw) ? route.path : map;
}

function spellConsumes(draw: Draw, { name, consumes }: Service): Spelled[] {
  const standardRetries = builtin.consume.retries.map(parseDuration).join();
  return consumes.flatMap((each): Spelled[] => {
    const { queue, events, prefetch, retriesMs } = each;
    const isShared = queue === `${name}.${builtin.consume.queue}`;
    const isStandard = prefetch === builtin.consume.prefetch && retriesMs.join() === standardRetries;
    if (isShared && isStandard && maybe(draw)) return events;
    const map: SpelledMap = new Map([['events', events]]);
    put(draw, map, 'queue', isShared, () => queue.slice(name.length + 1));
    put(draw, map, 'prefetch', prefetch === builtin.consume.prefetch, () => prefetch);
    put(draw, map, 'retries', retriesMs.join() === standardRetries, () => spellWaits(draw, each));
    return [map];
  });
}

const spellWaits = (draw: Draw, { retriesMs }: Consume) => retriesMs.map((ms) => spellMs(draw, ms));

function spellRedis(draw: Draw, redis: Service['redis']): Spelled {
  if (redis === null) return false;
  const map: SpelledMap = new Map();
  put(draw, map, 'persistent', !redis.persistent, () => redis.persistent);
  put(draw, map, 'memory', redis.memoryMiB === builtin.redis.memory, () => spellMiB(draw, redis.memoryMiB));
  put(draw, map, 'pool', redis.pool === builtin.redis.pool, () => redis.pool);
  return map.size === 0 ? true : map;
}

function spellSecrets(draw: Draw, secrets: Service['secrets']): Spelled {
  if (secrets.every(({ generate }) => generate === null) && maybe(draw))
    return secrets.map(({ name }) => name);
  return new Map(
    secrets.map(({ name, generate }): [string, Spelled] => [
      name,
      generate === null ? among<Spelled>(draw, [null, new Map()]) : new Map([['generate', generate]]),
    ]),
  );
}

/** A value that reads as a number or as true stays the text it was written as, with quotes and without. */
function spellEnv(draw: Draw, env: Record<string, string>): SpelledMap {
  return new Map(
    Object.entries(env).map(([key, value]): [string, Spelled] => [
      key,
      single.test(value) && maybe(draw) ? new Verbatim(value) : value,
    ]),
  );
}

const single = /^([-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?|0x[0-9a-f]+|0o[0-7]+|true|false|True|FALSE)$/;

function spellHealth(draw: Draw, map: SpelledMap, { health }: Service): void {
  const standard = builtin.health;
  const inner: SpelledMap = new Map();
  const { path, live, intervalMs, timeoutMs } = health;
  put(draw, inner, 'path', path === standard.path, () => path);
  put(draw, inner, 'live', live === null, () => live ?? false);
  put(draw, inner, 'interval', intervalMs === parseDuration(standard.interval), () =>
    spellMs(draw, intervalMs),
  );
  put(draw, inner, 'timeout', timeoutMs === parseDuration(standard.timeout), () => spellMs(draw, timeoutMs));
  const isPath = inner.size === 1 && inner.has('path');
  put(draw, map, 'health', inner.size === 0, () => (isPath && maybe(draw) ? path : inner));
}

function spellUpdate(draw: Draw, { update }: Service): Spelled {
  const map: SpelledMap = new Map();
  const { canaryPercent, parallel, revert } = update;
  put(draw, map, 'canary', canaryPercent === null, () =>
    canaryPercent === null ? false : `${canaryPercent}%`,
  );
  for (const key of ['bake', 'healthy', 'deadline', 'drain'] as const) {
    const ms = update[`${key}Ms`];
    put(draw, map, key, ms === parseDuration(builtin.update[key]), () => spellMs(draw, ms));
  }
  put(draw, map, 'parallel', parallel === builtin.update.parallel, () => parallel);
  put(draw, map, 'revert', revert, () => revert);
  return map;
}
