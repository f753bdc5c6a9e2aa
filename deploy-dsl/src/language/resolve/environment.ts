import { builtin } from '../builtin.ts';
import type { FileFacts } from '../checks/check.ts';
import { cloudTwice, localIsNotAlone, noClouds, unknownCloud } from '../errors/meaning/names.ts';
import type { Cloud, Model, NodeClass } from '../model.ts';
import type { CloudInput, EnvironmentInput, FileInput } from '../schema/file.ts';
import { parseRateLimit } from '../values.ts';
import { strongest, type Written, type WrittenEntry } from '../written.ts';
import { asNumber, asText, type Resolution } from './resolution.ts';
import { memoryOf } from './service.ts';
import { resolveServices } from './services.ts';

/** The cloud that is this machine. Always there, never together with another. */
export const localCloud = 'local';
/** The environment that is there even when the file has none. */
export const localEnvironment = 'local';

/** Names of the environments, in the order of the file; `local` first where it is not written. */
export function environmentNames(file: Written<FileInput>): string[] {
  const written = file.get('environments')?.names() ?? [];
  return written.includes(localEnvironment) ? written : [localEnvironment, ...written];
}

/**
 * The model of one environment. Layers, the strongest first: the environment's override of a service, the service,
 * the environment's defaults, the file's defaults, what is built in.
 */
export function resolveEnvironment(
  file: Written<FileInput>,
  name: string,
  resolution: Resolution,
): { model: Model; facts: FileFacts } {
  const entry = file
    .get('environments')
    ?.entries()
    .find(({ key }) => key === name);
  if (entry !== undefined) {
    resolution.origins.recordOffsets(['environment'], entry.keyStart, entry.keyEnd, `environments.${name}`);
  }
  const environment = entry?.value.in(`environments.${name}`) ?? null;
  const clouds = resolveClouds(file, name, entry, resolution);
  const local = clouds.every((cloud) => cloud.name === localCloud);
  const driver = environment?.get('driver') ?? null;
  const registry = environment?.get('registry') ?? null;
  const domain = environment?.get('domain') ?? null;
  const head = {
    environment: name,
    local,
    driver: resolution.value<Model['driver']>(
      ['driver'],
      driver,
      () => (driver?.text === 'docker' ? 'docker' : 'raw_exec'),
      local ? 'raw_exec' : 'docker',
    ),
    registry: resolution.value<string | null>(['registry'], registry, asText, null),
    domain: resolution.value<string | null>(['domain'], domain, asText, null),
  };
  const { services, facts } = resolveServices(
    file,
    environment,
    { ...head, clouds: clouds.map((cloud) => cloud.name), knownClouds: knownClouds(file) },
    resolution,
  );
  const model = { ...head, clouds, services, ...resolvePlatform(file, environment, local, resolution) };
  return { model, facts };
}

const knownClouds = (file: Written<FileInput>) =>
  new Set([...(file.get('clouds')?.names() ?? []), localCloud]);

function resolveClouds(
  file: Written<FileInput>,
  environment: string,
  entry: WrittenEntry<EnvironmentInput> | undefined,
  resolution: Resolution,
): Cloud[] {
  const declared = file.get('clouds')?.entries('clouds') ?? [];
  const known = knownClouds(file);
  const listed = entry?.value.get('clouds') ?? null;
  resolution.origins.record(['clouds'], listed);
  const names: string[] = [];
  for (const item of listed?.items() ?? []) {
    const name = item.text;
    if (!known.has(name)) {
      resolution.report(
        unknownCloud(resolution.place(item), name, resolution.suggestions.didYouMean(name, known), known),
      );
    } else if (names.includes(name)) {
      resolution.report(cloudTwice(resolution.place(item), name));
    } else {
      if (names.length > 0 && (name === localCloud || names.includes(localCloud))) {
        resolution.report(localIsNotAlone(resolution.place(item)));
      }
      resolution.origins.record(['clouds', names.length], item);
      names.push(name);
    }
  }
  if (listed === null) {
    names.push(...(environment === localEnvironment ? [localCloud] : declared.map(({ key }) => key)));
    if (names.length === 0 && entry !== undefined && resolution.sound) {
      resolution.report(noClouds(resolution.source.place(entry.keyStart, entry.keyEnd), environment));
    }
  }
  return names.map((name, index) => {
    const cloud = declared.find(({ key }) => key === name);
    if (listed === null && cloud !== undefined) {
      resolution.origins.recordOffsets(['clouds', index], cloud.keyStart, cloud.keyEnd, 'clouds');
    }
    return resolveCloud(name, index, cloud?.value ?? null, resolution);
  });
}

function resolveCloud(
  name: string,
  index: number,
  written: Written<CloudInput> | null,
  resolution: Resolution,
): Cloud {
  const nodes = written?.get('nodes') ?? null;
  const classes: Record<string, NodeClass> = Object.create(null);
  for (const { key, value } of nodes?.entries() ?? []) {
    const path = ['clouds', index, 'nodes', key];
    resolution.origins.record(path, value);
    classes[key] = {
      count: resolution.value([...path, 'count'], value.get('count'), asNumber, 0),
      cpuMHz: resolution.value([...path, 'cpuMHz'], value.get('cpu'), asNumber, 0),
      memoryMiB: resolution.value([...path, 'memoryMiB'], value.get('memory'), memoryOf, 0),
    };
  }
  resolution.origins.record(['clouds', index, 'nodes'], nodes);
  const zones = written?.get('zones')?.items() ?? [];
  return {
    name,
    region: resolution.value<string | null>(
      ['clouds', index, 'region'],
      written?.get('region') ?? null,
      asText,
      null,
    ),
    zones: zones.map((zone) => zone.text),
    nodes: nodes === null ? null : classes,
  };
}

function resolvePlatform(
  file: Written<FileInput>,
  environment: Written<EnvironmentInput> | null,
  local: boolean,
  resolution: Resolution,
): Pick<Model, 'edge' | 'rabbitmq'> {
  const edge = [environment?.get('edge') ?? null, file.get('edge')].filter((level) => level !== null);
  const rabbitmq = [environment?.get('rabbitmq') ?? null, file.get('rabbitmq')].filter(
    (level) => level !== null,
  );
  const read = resolution;
  read.origins.record(['edge'], edge[0] ?? null);
  read.origins.record(['rabbitmq'], rabbitmq[0] ?? null);
  return {
    edge: {
      port: read.value(
        ['edge', 'port'],
        strongest(edge, 'port'),
        asNumber,
        local ? builtin.edge.localPort : builtin.edge.port,
      ),
      limit: read.value(
        ['edge', 'limit'],
        strongest(edge, 'limit'),
        (limit) => parseRateLimit(limit.text),
        parseRateLimit(builtin.edge.limit),
      ),
      memoryMiB: read.value(['edge', 'memoryMiB'], strongest(edge, 'memory'), memoryOf, builtin.edge.memory),
    },
    rabbitmq: {
      memoryMiB: read.value(
        ['rabbitmq', 'memoryMiB'],
        strongest(rabbitmq, 'memory'),
        memoryOf,
        builtin.rabbitmq.memory,
      ),
      connections: read.value(
        ['rabbitmq', 'connections'],
        strongest(rabbitmq, 'connections'),
        asNumber,
        builtin.rabbitmq.connections,
      ),
      pool: read.value(['rabbitmq', 'pool'], strongest(rabbitmq, 'pool'), asNumber, builtin.rabbitmq.pool),
    },
  };
}
