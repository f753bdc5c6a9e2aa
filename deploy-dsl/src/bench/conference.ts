import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TandemError } from '../language/diagnostic.ts';
import { benchNeedsProgram, benchNeedsThings } from '../language/errors/local.ts';
import { findTool } from '../local/toolchain/find.ts';
import { nativeTools } from '../local/toolchain/mediasoup-worker.ts';
import { type Bench, type BenchContext, type Figure, figure } from './bench.ts';
import { type Counts, runClients, type Step } from './conference/clients.ts';
import { clip } from './conference/clip.ts';
import { goProgram } from './conference/programs.ts';
import {
  type MediaServer,
  type StartOptions,
  startEstimatingLivekit,
  startLivekit,
  startTandem,
} from './conference/servers.ts';
import { median } from './statistics.ts';

type Product = 'tandem' | 'livekit';

interface Contender {
  name: string;
  product: Product;
  start(options: StartOptions): Promise<MediaServer>;
}

const ours: Contender = { name: 'tandem', product: 'tandem', start: startTandem };
const theirs: Contender = { name: 'LiveKit', product: 'livekit', start: startLivekit };
/** Does for each receiver what ours does. */
const estimating: Contender = {
  name: 'LiveKit with send-side bandwidth estimation',
  product: 'livekit',
  start: startEstimatingLivekit,
};

const HOLD_MS = 8_000;
/** For the cost of a room: one who sends, and so many who receive. */
const RECEIVERS_PER_ROOM = 2;
/** Percent of the clip. Where a receiver gets less, its server has done less than the other, whatever was lost. */
const ENOUGH = 95;
/** What all must arrive at. */
const LOSSLESS = 400;
/** Where the clients take more of their core, what is lost may be lost by them. */
const BUSY_CLIENTS = 95;

/**
 * Our service media beside a LiveKit server: each on the first core, with the same Pion clients on the second one and the
 * same clip, one after the other. First one room with more and more receivers, then more and more rooms. About 6 minutes.
 */
export const conference: Bench = {
  async run(context) {
    const programs = await prepare(context);
    const receivers = asked('TANDEM_BENCH_RECEIVERS', '50,100,200,400,600', context.env);
    const rooms = asked('TANDEM_BENCH_ROOMS', '1,10,100', context.env);
    const large = receivers.map((count) => ({ rooms: 1, receiversPerRoom: count }));
    const inOneRoom = await measure([ours, theirs, estimating], large, programs, context);
    const small = rooms.map((count) => ({ rooms: count, receiversPerRoom: RECEIVERS_PER_ROOM }));
    const inMany = await measure([ours, theirs], small, programs, context);
    return [...receivers.flatMap((count) => figuresOf(count, inOneRoom)), ...roomFigures(inMany)];
  },
};

interface Programs extends Record<Product, string> {
  clients: string;
  clip: string;
}

async function prepare(context: BenchContext): Promise<Programs> {
  const { root, env } = context;
  if (availableParallelism() < 2) {
    throw new TandemError([benchNeedsThings('two cores', 'server and clients have one each')]);
  }
  const [worker] = await nativeTools(root, [join(root, 'services/media')]);
  const found = worker === undefined ? null : (await findTool(worker, env)).found;
  if (found === null) throw new TandemError([benchNeedsProgram('mediasoup-worker')]);
  await access('/usr/bin/taskset').catch(() => {
    throw new TandemError([benchNeedsProgram('taskset (package util-linux)')]);
  });
  const livekit = join(root, 'toolchain/livekit-server');
  const clients = join(import.meta.dirname, 'conference/clients');
  return {
    tandem: found.path,
    livekit: await goProgram(
      'livekit-server',
      livekit,
      'github.com/livekit/livekit-server/cmd/server',
      context,
    ),
    clients: await goProgram('conference-clients', clients, '.', context),
    clip: await clip(context),
  };
}

/** The counts that a variable of the environment asks for, rising. */
function asked(variable: string, usual: string, env: NodeJS.ProcessEnv): number[] {
  const counts = (env[variable] ?? usual).split(',').map(Number);
  if (counts.some((count) => !Number.isInteger(count) || count < 1 || count > 5_000)) {
    throw new TandemError([benchNeedsThings(`numbers in ${variable}`, 'for example 50,100')]);
  }
  return [...new Set(counts)].sort((a, b) => a - b);
}

/** What each went through, as far as it came. */
type Steps = Map<Contender, Step[]>;

async function measure(
  contenders: Contender[],
  steps: Counts[],
  programs: Programs,
  { root, env, signal, say, note }: BenchContext,
): Promise<Steps> {
  const results: Steps = new Map();
  for (const each of contenders) {
    const { name, product } = each;
    const done: Step[] = [];
    results.set(each, done);
    say(name, 0);
    await using server = await each.start({ root, program: programs[product], env, signal });
    const stopped = await runClients(server, {
      ...{ program: programs.clients, kind: product, clip: programs.clip, steps, holdMs: HOLD_MS, signal },
      onStep(step) {
        done.push(step);
        say(name, done.length / steps.length);
        note(describe(name, step));
      },
    });
    if (stopped !== null) note(`${name}: went no further: ${stopped}`);
  }
  return results;
}

function describe(name: string, step: Step): string {
  const { rooms: roomCount, receivers, serverCpu, clientCpu, memoryMB, packets, lost, bytes } = step;
  const mbit = (bytes * 8) / (HOLD_MS / 1000) / receivers / 1e6;
  const busy = clientCpu > BUSY_CLIENTS ? ', which is all: what is lost may be lost there' : '';
  return (
    `${name}, ${roomCount} rooms, ${receivers} receivers: ${serverCpu.toFixed(1)} % of a core, ${memoryMB.toFixed(0)} MB, ` +
    `${lost} of ${packets + lost} packets lost, ${mbit.toFixed(2)} Mbit/s each, ` +
    `${percent(step.leastShare)} % of what was sent for the one with the least, sent at ${percent(step.pace)} % of its pace; ` +
    `clients ${clientCpu.toFixed(0)} % of theirs${busy}`
  );
}

const percent = (share: number): string => (share * 100).toFixed(0);

const delivered = 'what the receiver with the least got of the clip';
const deliveredOf = ({ leastShare, pace }: Step): number => Math.min(leastShare, 1) * Math.min(pace, 1) * 100;
const isWhole = (step: Step): boolean => deliveredOf(step) >= ENOUGH;

function figuresOf(count: number, steps: Steps): Figure[] {
  const figures: Figure[] = [];
  const at = new Map<Contender, Step>();
  for (const [each, done] of steps) {
    const step = done.find(({ receivers }) => receivers === count);
    if (step === undefined) continue;
    at.set(each, step);
    const of = (what: string) => `${each.name}, ${count} receivers: ${what}`;
    const isJudged = each === ours && count <= LOSSLESS;
    figures.push(
      figure(of('CPU'), step.serverCpu, '% of a core'),
      figure(of('memory'), step.memoryMB, 'MB'),
      figure(of('packets lost'), step.lost, '', isJudged ? { exactly: 0 } : null),
      figure(of(delivered), deliveredOf(step), '%', isJudged ? { atLeast: ENOUGH } : null),
      figure(of('join → first frame, median'), median(step.firstFrameMs), 'ms'),
    );
  }
  const own = at.get(ours);
  for (const other of [theirs, estimating]) {
    const step = at.get(other);
    if (own === undefined || step === undefined || !isWhole(own) || !isWhole(step)) continue;
    const of = (what: string) => `${count} receivers: our ${what} / that of ${other.name}`;
    figures.push(
      figure(of('CPU'), own.serverCpu / step.serverCpu, 'x', { atMost: 0.6 }),
      figure(of('join → first frame'), median(own.firstFrameMs) / median(step.firstFrameMs), 'x', {
        atMost: 1,
      }),
    );
  }
  return figures;
}

function roomFigures(steps: Steps): Figure[] {
  return [...steps].flatMap(([each, done]) =>
    done.flatMap((step) => {
      const of = (what: string) =>
        `${each.name}, ${step.rooms} ${step.rooms === 1 ? 'room' : 'rooms'} of ${RECEIVERS_PER_ROOM + 1}: ${what}`;
      return [
        figure(of('CPU of a room'), step.serverCpu / step.rooms, '% of a core'),
        figure(of(delivered), deliveredOf(step), '%', each === ours ? { atLeast: ENOUGH } : null),
      ];
    }),
  );
}
