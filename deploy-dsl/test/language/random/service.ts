import fc from 'fast-check';
import { openEndedMax } from '../../../src/language/builtin.ts';
import type {
  Cloud,
  Instances,
  Model,
  RateLimit,
  Route,
  Service,
  Update,
} from '../../../src/language/model.ts';
import { among, between, type Draw, maybe, Names, rarely, some } from './draw.ts';

/** What a service has around it. */
export interface Around extends Pick<Model, 'local' | 'driver' | 'registry'> {
  clouds: Cloud[];
  /** Services above it in the file: what it may need without a circle. */
  earlier: string[];
  /** From here on fixed ports are free. */
  freePort: number;
}

/** A service without a fault. Its events come later. */
export function drawService(draw: Draw, name: string, around: Around): Service {
  const { local, clouds, earlier } = around;
  const ports = drawPorts(draw, around.freePort);
  const instances = drawInstances(draw, clouds, local && ports.some(({ shared }) => !shared) ? 1 : 20);
  const softMiB = between(draw, 1, 10_000);
  const secrets = drawSecrets(draw);
  return {
    name,
    ...drawProgram(draw, name, around),
    directory: maybe(draw) ? `services/${name}` : among(draw, ['.', 'a folder/b', '@team/x_1']),
    instances,
    cpuMHz: between(draw, 1, 1_000_000),
    memory: { softMiB, hardMiB: maybe(draw) ? softMiB : softMiB + between(draw, 0, 10_000) },
    class: drawClass(draw, clouds),
    routes: drawRoutes(draw, name),
    needs: some(draw, earlier),
    calls: some(draw, [...earlier, name]),
    publishes: [],
    consumes: [],
    redis: maybe(draw)
      ? null
      : { persistent: maybe(draw), memoryMiB: between(draw, 1, 500), pool: between(draw, 1, 9) },
    secrets,
    env: drawEnv(draw),
    health: {
      path: among(draw, ['/', '/healthz/ready', '/a/b-c.d_e~f']),
      live: among(draw, [null, '/healthz/live']),
      intervalMs: drawMs(draw, 1_000),
      timeoutMs: drawMs(draw, 1),
    },
    update: drawUpdate(draw, instances, local),
    ports,
    volumes: Array.from({ length: between(draw, 0, 2) }, (_, i) => ({ name: `v${i}`, path: `/data/${i}` })),
    spread: among(draw, ['zone', 'node', null]),
  };
}

function drawProgram(
  draw: Draw,
  name: string,
  { driver, registry }: Around,
): Pick<Service, 'image' | 'version' | 'command'> {
  const command = maybe(draw) ? drawCommand(draw) : null;
  const version = among(draw, ['1.10', '2026.11.3', 'v1', '0x10', '1e3', 'no', '007']);
  if (driver === 'raw_exec') {
    return {
      image: null,
      version: maybe(draw) ? version : null,
      command: command ?? ['node', 'src/main.ts'],
    };
  }
  const base = maybe(draw) ? name : 'tools/runner';
  return { image: `${registry === null ? '' : `${registry}/`}${base}:${version}`, version, command };
}

function drawCommand(draw: Draw): string[] {
  if (maybe(draw)) return ['node', 'server.ts', '--port=$PORT'].slice(0, between(draw, 1, 3));
  return draw(fc.array, plainText, { minLength: 1, maxLength: 3 });
}

/** Any text that YAML can hold. */
export const plainText = fc.string({ unit: 'grapheme', maxLength: 12 });

function drawInstances(draw: Draw, clouds: Cloud[], most: number): Record<string, Instances> {
  const instances: Record<string, Instances> = Object.create(null);
  const chosen = maybe(draw) ? clouds : some(draw, clouds);
  for (const { name } of chosen.length === 0 ? clouds : chosen) {
    const min = between(draw, 0, most);
    const max = rarely(draw, 4) ? openEndedMax : min + (maybe(draw) ? 0 : between(draw, 0, 20));
    // An instance somewhere, or those that need it would be told that it runs nowhere.
    instances[name] = { min, max: Math.max(1, max) };
  }
  return instances;
}

function drawClass(draw: Draw, clouds: Cloud[]): string {
  const known = clouds.flatMap(({ nodes }) => (nodes === null ? [] : [Object.keys(nodes)]));
  const everywhere = ['media', 'default'].filter((name) => known.every((names) => names.includes(name)));
  return among(draw, ['default', ...everywhere]);
}

function drawRoutes(draw: Draw, service: string): Route[] {
  const paths = some(draw, ['', '/a', '/a/b', '/ws', '/A.b_c~d-e', '/no', '/1e3']).map(
    (end) => `/${service}${end}`,
  );
  return paths.map((path) => {
    const websocket = maybe(draw);
    return {
      path,
      websocket,
      bodyBytes: 1024 * (maybe(draw) ? 1024 : between(draw, 0, 9_999)),
      timeoutMs: drawMs(draw, websocket ? 60_000 : 1),
      limit: maybe(draw) ? null : drawRateLimit(draw),
    };
  });
}

export function drawRateLimit(draw: Draw): RateLimit {
  return {
    requests: between(draw, 1, 999_999_999),
    per: among(draw, ['second', 'minute']),
    by: among(draw, ['address', 'user']),
  };
}

/** A duration that can be written: up to 30 days. */
export function drawMs(draw: Draw, shortest: number): number {
  const longest = 30 * 24 * 3_600_000;
  const [unit, decimals] = among(draw, [
    [1, 0],
    [1_000, 0],
    [60_000, 0],
    [3_600_000, 0],
    [1_000, 500],
  ] as const);
  const most = Math.floor(Math.min(longest, 999_999_999 * unit) / unit);
  return Math.min(longest, Math.max(shortest, between(draw, 0, most) * unit + decimals));
}

function drawSecrets(draw: Draw): Service['secrets'] {
  const names = new Names(['rabbitmq-password']);
  return Array.from({ length: between(draw, 0, 3) }, () => ({
    name: names.next(draw),
    generate: among(draw, [null, 'rsa-2048', 'random-32']),
  }));
}

/** Variables that are neither the platform's nor look like a secret, with the most awkward values there are. */
function drawEnv(draw: Draw): Record<string, string> {
  const env: Record<string, string> = Object.create(null);
  for (const name of some(draw, [
    'A',
    'LOG_LEVEL',
    'constructor',
    'toString',
    'no',
    '_',
    'NULL',
    'prototype',
  ])) {
    env[name] = draw(maybe(draw) ? plainValue : awkwardValue);
  }
  return env;
}

const plainValue = () => plainText;
const awkwardValue = () => awkward;

/** Texts that a reader of YAML could take for something else. */
const awkward = fc.constantFrom(
  ...['no', 'on', 'yes', 'null', '~', '', ' ', 'true', 'False', '1e3', '0x10', '0o17', '.5', '-0', '1_000'],
  ...[
    '1.10',
    '007',
    '+1',
    '.nan',
    '-.inf',
    '99999999999999999999',
    '<<',
    '=',
    '*a',
    '&a',
    '!a',
    '#a',
    'a #b',
  ],
  ...[
    'a: b',
    '- a',
    '? a',
    '{a',
    '[a',
    '%a',
    '@a',
    '`a',
    '---',
    '...',
    "it's",
    'say "hi"',
    'a\nb',
    '\na',
    'a\n',
  ],
  ...[' a', 'a ', '\ta', '\u00e4\u{1f469}\u200d\u{1f680}', '\u202e', '\\n', 'a\\', '2026-11-21', '12:30:45'],
);

function drawUpdate(draw: Draw, instances: Record<string, Instances>, local: boolean): Update {
  const healthyMs = Math.min(drawMs(draw, 0), 24 * 3_600_000);
  const fewest = Math.max(...Object.values(instances).map(({ min }) => min));
  const canaryFits = local || Object.values(instances).every(({ min }) => min !== 1);
  const most = local ? 99 : Math.min(99, Math.floor(200 / (fewest + 1)));
  return {
    canaryPercent: canaryFits && maybe(draw) ? between(draw, 1, most) : null,
    bakeMs: drawMs(draw, 0),
    healthyMs,
    deadlineMs: drawMs(draw, Math.max(1_000, healthyMs + 1)),
    parallel: between(draw, 1, 1_000),
    revert: maybe(draw),
    drainMs: drawMs(draw, 0),
  };
}

function drawPorts(draw: Draw, first: number): Service['ports'] {
  let next = first;
  return Array.from({ length: between(draw, 0, 2) }, (_, i) => {
    const from = next + between(draw, 0, 50);
    const to = from + (maybe(draw) ? 0 : between(draw, 0, 900));
    next = to + 1;
    return {
      name: `p${i}`,
      from,
      to,
      protocol: among(draw, ['tcp', 'udp']),
      shared: to - from >= 19 && maybe(draw),
    };
  });
}
