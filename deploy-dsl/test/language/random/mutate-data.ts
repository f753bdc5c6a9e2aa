import { among, between, type Draw, maybe } from './draw.ts';
import type { Spelled, SpelledMap } from './spelling.ts';

/** The same file with something structurally wrong in it, most of the time. What it was given stays as it is. */
export function drawDataMutation(draw: Draw, file: SpelledMap): SpelledMap {
  const spots = spotsOf(file, []);
  let mutated: Spelled = file;
  for (let left = between(draw, 1, 2); left > 0; left--) mutated = changed(draw, mutated, among(draw, spots));
  return mutated instanceof Map ? mutated : file;
}

type Step = string | number;

/** The paths of all values. */
function spotsOf(value: Spelled, path: Step[]): Step[][] {
  if (value instanceof Map) {
    return [path, ...[...value].flatMap(([key, inner]) => spotsOf(inner, [...path, key]))];
  }
  return Array.isArray(value) ? [path, ...value.flatMap((item, i) => spotsOf(item, [...path, i]))] : [path];
}

function changed(draw: Draw, value: Spelled, path: Step[]): Spelled {
  const [step, ...rest] = path;
  if (value instanceof Map && typeof step === 'string') {
    if (rest.length === 0 && maybe(draw)) return new Map([...value].filter(([key]) => key !== step));
    const inner = value.get(step);
    return inner === undefined ? value : new Map([...value, [step, changed(draw, inner, rest)]]);
  }
  if (Array.isArray(value) && typeof step === 'number') {
    return value.map((item, i) => (i === step ? changed(draw, item, rest) : item));
  }
  if (value instanceof Map && maybe(draw))
    return new Map([...value, [among(draw, keys), among(draw, values)]]);
  if (Array.isArray(value) && maybe(draw)) return [...value, among(draw, [...value, ...values])];
  return among(draw, values);
}

const keys = [
  ...[
    'unknown',
    'Services',
    'path',
    'a b',
    '',
    'x'.repeat(60),
    'UPPER',
    'constructor',
    '-a',
    'a-',
    'ä',
    'local',
  ],
  ...['http', 'redis', 'rabbitmq-password', 'cpu', 'memory', 'events', 'routes', 'env', 'tandem', '1'],
];

const values: Spelled[] = [
  ...[
    0,
    1,
    2,
    1.5,
    65_535,
    65_536,
    1_000_001,
    1e15,
    true,
    false,
    null,
    '',
    ' ',
    'x',
    'a b',
    '/',
    '/a/../b',
    '//',
  ],
  ...[
    '1',
    '1s',
    '5 s',
    '1MB',
    '0MB',
    '1..2',
    '..',
    '10%',
    '0%',
    '100%',
    '1/s',
    '1/s per moon',
    '*',
    '#',
    'a.*.b',
  ],
  ...[
    'zone',
    'docker',
    'rsa-2048',
    'UPPER',
    'x'.repeat(201),
    'local',
    'registry/image:tag',
    '9000/udp',
    "it's",
  ],
  [],
  ['a'],
  ['a', 'a'],
  [1],
  [[]],
  new Map(),
  new Map<string, Spelled>([['path', '/a']]),
  new Map<string, Spelled>([['unknown', 1]]),
];
