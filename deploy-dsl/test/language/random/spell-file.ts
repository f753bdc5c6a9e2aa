import { builtin } from '../../../src/language/builtin.ts';
import type { Cloud, Model } from '../../../src/language/model.ts';
import { parseRateLimit } from '../../../src/language/values.ts';
import { among, type Draw, maybe, rarely, some } from './draw.ts';
import { put, spellService } from './spell-service.ts';
import { type Spelled, type SpelledMap, spellLimit, spellMiB } from './spelling.ts';

/** A file that means the model: which layer says what is drawn, and weaker layers may say something else. */
export function spellFile(draw: Draw, model: Model): SpelledMap {
  const file: SpelledMap = new Map([['tandem', 1]]);
  const environment: SpelledMap = new Map();
  const services: SpelledMap = new Map();
  const overrides: SpelledMap = new Map();
  spellClouds(draw, model, file, environment);
  spellPlatform(draw, model, file, environment);
  const own = Object.entries(model.services).map(([name, service]) => ({
    name,
    said: spellService(draw, service, model),
  }));
  spellDefaults(
    draw,
    own.map(({ said }) => said),
    file,
    environment,
  );
  for (const { name, said } of own) {
    const { base, override } = split(draw, said);
    services.set(name, base.size === 0 ? among<Spelled>(draw, [null, base]) : base);
    if (override.size > 0 || rarely(draw, 8)) {
      overrides.set(name, override.size === 0 ? among<Spelled>(draw, [null, override]) : override);
    }
  }
  if (rarely(draw, 4)) {
    services.set('left-out', new Map([['routes', ['/left-out']]]));
    overrides.set('left-out', false);
  }
  file.set('services', services.size === 0 ? among<Spelled>(draw, [null, services]) : services);
  if (overrides.size > 0 || rarely(draw, 8)) environment.set('services', overrides);
  const isThereAnyway = model.environment === 'local' && environment.size === 0;
  if (!isThereAnyway || maybe(draw)) {
    const environments: SpelledMap = new Map([
      [model.environment, environment.size === 0 ? among<Spelled>(draw, [null, environment]) : environment],
    ]);
    if (maybe(draw)) environments.set('another', new Map([['domain', 'elsewhere.example']]));
    file.set('environments', shuffled(draw, environments));
  }
  return shuffled(draw, file);
}

/** The same entries in another order, which means nothing at the top of the file. */
function shuffled(draw: Draw, map: SpelledMap): SpelledMap {
  const first = new Set(some(draw, [...map.keys()]));
  const entries = [...map];
  return new Map([
    ...entries.filter(([key]) => first.has(key)),
    ...entries.filter(([key]) => !first.has(key)),
  ]);
}

function spellClouds(draw: Draw, model: Model, file: SpelledMap, environment: SpelledMap): void {
  const names = model.clouds.map(({ name }) => name);
  const declared: SpelledMap = new Map(
    model.clouds.filter(({ name }) => name !== 'local').map((cloud) => [cloud.name, spellCloud(draw, cloud)]),
  );
  const isAll = model.local ? model.environment === 'local' : !maybe(draw);
  if (!isAll) {
    // Another one is there that this environment does not use.
    declared.set('unused', null);
    environment.set('clouds', names);
  } else if (maybe(draw)) {
    environment.set('clouds', names);
  }
  if (declared.size > 0 || maybe(draw)) file.set('clouds', declared);
  put(
    draw,
    environment,
    'driver',
    model.driver === (model.local ? 'raw_exec' : 'docker'),
    () => model.driver,
  );
  if (model.registry !== null) environment.set('registry', model.registry);
  if (model.domain !== null) environment.set('domain', model.domain);
}

function spellCloud(draw: Draw, { region, zones, nodes }: Cloud): Spelled {
  const map: SpelledMap = new Map();
  if (region !== null) map.set('region', region);
  put(draw, map, 'zones', zones.length === 0, () => zones);
  if (nodes !== null) {
    const classes = Object.entries(nodes).map(([name, { count, cpuMHz, memoryMiB }]): [string, Spelled] => [
      name,
      new Map<string, Spelled>([
        ['count', count],
        ['cpu', cpuMHz],
        ['memory', spellMiB(draw, memoryMiB)],
      ]),
    ]);
    map.set('nodes', new Map(classes));
  }
  return map.size === 0 && maybe(draw) ? null : map;
}

function spellPlatform(draw: Draw, model: Model, file: SpelledMap, environment: SpelledMap): void {
  const { edge, rabbitmq } = model;
  const standardLimit = JSON.stringify(parseRateLimit(builtin.edge.limit));
  const edgeKeys: SpelledMap = new Map();
  put(draw, edgeKeys, 'port', edge.port === (model.local ? 8080 : 80), () => edge.port);
  put(draw, edgeKeys, 'limit', JSON.stringify(edge.limit) === standardLimit, () =>
    spellLimit(draw, edge.limit),
  );
  put(draw, edgeKeys, 'memory', edge.memoryMiB === builtin.edge.memory, () => spellMiB(draw, edge.memoryMiB));
  const brokerKeys: SpelledMap = new Map([['connections', rabbitmq.connections]]);
  brokerKeys.set('memory', spellMiB(draw, rabbitmq.memoryMiB));
  put(draw, brokerKeys, 'pool', rabbitmq.pool === builtin.rabbitmq.pool, () => rabbitmq.pool);
  for (const [key, keys] of [
    ['edge', edgeKeys],
    ['rabbitmq', brokerKeys],
  ] as const) {
    const inEnvironment = new Set(some(draw, [...keys.keys()]));
    const part = (inside: boolean) =>
      new Map([...keys].filter(([name]) => inEnvironment.has(name) === inside));
    const strong = part(true);
    const weak = part(false);
    if (strong.has('memory') && maybe(draw)) weak.set('memory', 77);
    if (strong.size > 0) environment.set(key, strong);
    if (weak.size > 0 || maybe(draw))
      file.set(key, weak.size === 0 ? among<Spelled>(draw, [null, weak]) : weak);
  }
}

/** Keys that a stronger layer replaces as a whole, each with a value that no drawn service has. */
const decoys = new Map<string, Spelled>([
  ['cpu', 77],
  ['spread', 'node'],
  ['class', 'decoy'],
  ['instances', 77],
]);

/** What all services say alike may be said once; what they all say otherwise may be said there wrongly. */
function spellDefaults(draw: Draw, own: SpelledMap[], file: SpelledMap, environment: SpelledMap): void {
  const defaults: SpelledMap = new Map();
  const stronger: SpelledMap = new Map();
  for (const key of ['instances', 'cpu', 'memory', 'class', 'spread', 'version', 'env', 'health', 'update']) {
    const said = own.map((service) => service.get(key));
    const [first] = said;
    const isAlike = first !== undefined && said.every((value) => sameAs(value) === sameAs(first));
    const decoy = decoys.get(key);
    const isSaidByAll = own.length > 0 && said.every((value) => value !== undefined);
    if (isAlike && maybe(draw)) {
      for (const service of some(draw, own)) service.delete(key);
      const isUsed = own.some((service) => !service.has(key));
      (isUsed && maybe(draw) ? stronger : defaults).set(key, first);
    } else if (decoy !== undefined && isSaidByAll && maybe(draw)) {
      defaults.set(key, decoy);
    }
  }
  if (defaults.size > 0 || rarely(draw, 8)) {
    file.set('defaults', defaults.size === 0 ? among<Spelled>(draw, [null, defaults]) : defaults);
  }
  if (stronger.size > 0) environment.set('defaults', stronger);
}

const sameAs = (value: Spelled | undefined): string =>
  JSON.stringify(value, (_, inner: unknown) => (inner instanceof Map ? { map: [...inner] } : inner)) ?? '';

/** Some keys to the environment's override; below it the service may say something else. */
function split(draw: Draw, said: SpelledMap): { base: SpelledMap; override: SpelledMap } {
  const moved = new Set(some(draw, [...said.keys()]));
  const base: SpelledMap = new Map();
  const override: SpelledMap = new Map();
  for (const [key, value] of said) {
    if (!moved.has(key)) {
      base.set(key, value);
      continue;
    }
    override.set(key, value);
    const decoy = replaced.get(key);
    if (decoy !== undefined && maybe(draw)) base.set(key, decoy);
  }
  return { base, override };
}

const replaced = new Map<string, Spelled>([
  ...[...decoys].filter(([key]) => key !== 'instances'),
  ['version', 'decoy'],
  ['routes', ['/decoy']],
  ['needs', ['decoy']],
  ['calls', ['decoy']],
  ['publishes', ['decoy']],
  ['consumes', ['decoy.#']],
  ['secrets', ['decoy']],
  ['directory', 'decoy'],
]);
