import { builtin } from '../builtin.ts';
import type { Place } from '../errors/define.ts';
import { versionMissing, versionTwice } from '../errors/meaning/versions.ts';
import type { Health, Memory, Model, RedisSettings, Service, Update } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { ServiceInput } from '../schema/file.ts';
import { parseDuration, parseMemory, parsePercent } from '../values.ts';
import { type Layers, merged, strongest, type Value } from '../written.ts';
import { resolveInstances } from './instances.ts';
import {
  resolveConsumes,
  resolveNames,
  resolvePorts,
  resolveRoutes,
  resolveSecrets,
  resolveVolumes,
} from './lists.ts';
import { asBoolean, asNumber, asText, type Resolution } from './resolution.ts';

/** What a service needs to know of its environment. */
export interface Surroundings extends Pick<Model, 'environment' | 'driver' | 'registry'> {
  /** Names of the environment's clouds. */
  clouds: string[];
  /** Names of all clouds of the file, and `local`. */
  knownClouds: ReadonlySet<string>;
}

/** A service by name, and where to point when something is missing there. */
export interface Subject {
  name: string;
  place: Place;
}

/**
 * One service: every value from the strongest layer that has it, the rest built in.
 * @param layers the environment's override, the service, the environment's defaults, the file's defaults
 */
export function resolveService(
  subject: Subject,
  layers: Layers<ServiceInput>,
  around: Surroundings,
  resolution: Resolution,
): Service {
  const { name } = subject;
  const path = ['services', name];
  const at = (...keys: string[]) => [...path, ...keys];
  const read = resolution;
  const spread = strongest(layers, 'spread');
  return {
    name,
    ...resolveProgram(subject, layers, around, path, resolution),
    directory: read.value(
      at('directory'),
      strongest(layers, 'directory'),
      (directory) => directory.text.replace(/\/+$/, ''),
      `services/${name}`,
    ),
    instances: resolveInstances(layers, around.clouds, at('instances'), resolution),
    cpuMHz: read.value(at('cpuMHz'), strongest(layers, 'cpu'), asNumber, builtin.service.cpu),
    memory: resolveMemory(layers, at('memory'), resolution),
    class: read.value(at('class'), strongest(layers, 'class'), asText, builtin.service.class),
    routes: resolveRoutes(layers, at('routes'), resolution),
    needs: resolveNames(layers, 'needs', at('needs'), resolution),
    calls: resolveNames(layers, 'calls', at('calls'), resolution),
    publishes: resolveNames(layers, 'publishes', at('publishes'), resolution),
    consumes: resolveConsumes(name, layers, at('consumes'), resolution),
    redis: resolveRedis(layers, at('redis'), resolution),
    secrets: resolveSecrets(layers, at('secrets'), resolution),
    env: resolveEnv(layers, at('env'), resolution),
    health: resolveHealth(layers, at('health'), resolution),
    update: resolveUpdate(layers, at('update'), resolution),
    ports: resolvePorts(layers, at('ports'), resolution),
    volumes: resolveVolumes(layers, at('volumes'), resolution),
    spread: read.value<Service['spread']>(
      at('spread'),
      spread,
      () => (spread?.scalar === 'zone' || spread?.scalar === 'node' ? spread.scalar : null),
      builtin.service.spread,
    ),
  };
}

type Program = Pick<Service, 'image' | 'version' | 'command'>;

function resolveProgram(
  { name, place }: Subject,
  layers: Layers<ServiceInput>,
  around: Surroundings,
  path: ModelPath,
  resolution: Resolution,
): Program {
  const written = { image: strongest(layers, 'image'), version: strongest(layers, 'version') };
  const command = strongest(layers, 'command');
  resolution.origins.record([...path, 'command'], command);
  resolution.origins.record([...path, 'version'], written.version);
  const argv = command === null ? null : argumentsOf(command);
  if (around.driver === 'raw_exec') {
    return {
      image: null,
      version: written.version?.text ?? null,
      command: argv ?? builtin.service.command.split(' '),
    };
  }
  resolution.origins.record([...path, 'image'], written.image ?? written.version);
  const image = withRegistry(written.image?.text ?? name, around.registry);
  const tag = tagOf(image);
  if (tag === null) {
    if (written.version === null && resolution.sound) {
      resolution.report(versionMissing(place, name, around.environment));
    }
    const version = written.version?.text ?? null;
    return { image: version === null ? image : `${image}:${version}`, version, command: argv };
  }
  // A version that holds for all services does not speak of an image that brings its own.
  const aboutImage = strongest(layersDownTo(layers, 'image'), 'version');
  if (written.image !== null && aboutImage !== null && aboutImage.text !== tag) {
    const labels = [{ range: resolution.range(written.image), text: 'the image' }];
    resolution.report(versionTwice(resolution.place(aboutImage), aboutImage.text, tag, labels));
  }
  return { image, version: tag, command: argv };
}

/** The layers from the strongest down to the one that says this key; all of them where none does. */
function layersDownTo(layers: Layers<ServiceInput>, key: keyof ServiceInput): Layers<ServiceInput> {
  const index = layers.findIndex((layer) => layer.get(key) !== null);
  return index === -1 ? layers : layers.slice(0, index + 1);
}

/** No shell is involved: a text is split at its blanks. */
function argumentsOf(command: Value): string[] {
  return command.tree.kind === 'list'
    ? command.tree.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
    : command.text.split(/ +/);
}

/** As Docker reads names: the first part is a registry when it looks like a host. */
function withRegistry(image: string, registry: string | null): string {
  const [first = '', ...rest] = image.split('/');
  const namesHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return namesHost || registry === null ? image : `${registry}/${image}`;
}

/** The tag, or the digest of an image that is pinned by one; null for a bare name. */
function tagOf(image: string): string | null {
  const digest = image.indexOf('@');
  if (digest !== -1) {
    return image.slice(digest + 1);
  }
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/') ? image.slice(colon + 1) : null;
}

/** A single number sets `soft` and forgets any `hard` of a weaker layer. */
function resolveMemory(layers: Layers<ServiceInput>, path: ModelPath, resolution: Resolution): Memory {
  const found = merged(layers, 'memory');
  resolution.origins.record(path, found[0] ?? null);
  const last = found.at(-1);
  const single = last !== undefined && last.tree.kind !== 'map' ? last : null;
  const soft = strongest(found, 'soft') ?? single;
  const hard = strongest(found, 'hard');
  const softMiB = resolution.value([...path, 'softMiB'], soft, memoryOf, builtin.service.memory);
  return { softMiB, hardMiB: resolution.value([...path, 'hardMiB'], hard, memoryOf, softMiB) };
}

export const memoryOf = (written: Value) =>
  parseMemory(typeof written.scalar === 'number' ? written.scalar : written.text);

const durationOf = (written: Value) => parseDuration(written.text);

function resolveRedis(
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): RedisSettings | null {
  const found = merged(layers, 'redis');
  const [first] = found;
  resolution.origins.record(path, first ?? null);
  if (first === undefined || first.scalar === false) {
    return null;
  }
  const read = resolution;
  return {
    persistent: read.value(
      [...path, 'persistent'],
      strongest(found, 'persistent'),
      asBoolean,
      builtin.redis.persistent,
    ),
    memoryMiB: read.value([...path, 'memoryMiB'], strongest(found, 'memory'), memoryOf, builtin.redis.memory),
    pool: read.value([...path, 'pool'], strongest(found, 'pool'), asNumber, builtin.redis.pool),
  };
}

/** Numbers and booleans as they were written: `1.10` stays `1.10`. */
function resolveEnv(
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): Record<string, string> {
  const env: Record<string, string> = Object.create(null);
  for (const layer of merged(layers, 'env')) {
    for (const { key, value } of layer.entries()) {
      if (!(key in env)) {
        resolution.origins.record([...path, key], value);
        env[key] = typeof value.scalar === 'string' ? value.scalar : value.text;
      }
    }
  }
  return env;
}

function resolveHealth(layers: Layers<ServiceInput>, path: ModelPath, resolution: Resolution): Health {
  const found = merged(layers, 'health');
  resolution.origins.record(path, found[0] ?? null);
  const last = found.at(-1);
  const single = last !== undefined && last.tree.kind !== 'map' ? last : null;
  const read = resolution;
  return {
    path: read.value([...path, 'path'], strongest(found, 'path') ?? single, asText, builtin.health.path),
    live: read.value<string | null>(
      [...path, 'live'],
      strongest(found, 'live'),
      (live) => (live.scalar === false ? null : live.text),
      null,
    ),
    intervalMs: read.value(
      [...path, 'intervalMs'],
      strongest(found, 'interval'),
      durationOf,
      parseDuration(builtin.health.interval),
    ),
    timeoutMs: read.value(
      [...path, 'timeoutMs'],
      strongest(found, 'timeout'),
      durationOf,
      parseDuration(builtin.health.timeout),
    ),
  };
}

function resolveUpdate(layers: Layers<ServiceInput>, path: ModelPath, resolution: Resolution): Update {
  const found = merged(layers, 'update');
  resolution.origins.record(path, found[0] ?? null);
  const duration = (key: 'bake' | 'healthy' | 'deadline' | 'drain') =>
    resolution.value(
      [...path, `${key}Ms`],
      strongest(found, key),
      durationOf,
      parseDuration(builtin.update[key]),
    );
  return {
    canaryPercent: resolution.value<number | null>(
      [...path, 'canaryPercent'],
      strongest(found, 'canary'),
      (canary) => (canary.scalar === false ? null : parsePercent(canary.text)),
      null,
    ),
    bakeMs: duration('bake'),
    healthyMs: duration('healthy'),
    deadlineMs: duration('deadline'),
    parallel: resolution.value(
      [...path, 'parallel'],
      strongest(found, 'parallel'),
      asNumber,
      builtin.update.parallel,
    ),
    revert: resolution.value(
      [...path, 'revert'],
      strongest(found, 'revert'),
      asBoolean,
      builtin.update.revert,
    ),
    drainMs: duration('drain'),
  };
}
