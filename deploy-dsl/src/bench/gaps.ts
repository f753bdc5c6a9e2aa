import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNode } from '../checks/run-node.ts';
import { readCallServers } from '../cluster/call-servers.ts';
import { cancelDrain } from '../operate/drain.ts';
import { type Bench, type Figure, figure, type Target } from './bench.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { median, percentile } from './statistics.ts';

/** TANDEM_BENCH_ROUNDS asks for another number. */
const standardRounds = 5;

/** A stack that is well answers long before. */
const END_DRAINS_MS = 10_000;

const test = 'tests/caller/media-faults.test.ts';

/** As the test writes it to GAPS_FILE: the longest time without a new frame or sound, in ms, as each of two people sees it. */
interface Gaps {
  fault: string;
  ada: { video: number };
  bob: { video: number; audio: number | null };
}

/** The 95th of a hundred gaps, in ms. Nobody notices what is over within a quarter of a second. */
const targets: Record<string, Target> = {
  'worker killed': { below: 1_000 },
  'media server killed': { below: 2_000 },
};
const unnoticed: Target = { below: 250 };

/**
 * What two people in two browsers miss of each other while servers below their call are killed, drained and replaced. The faults
 * and what must hold whatever they cost are those of the test.
 */
export const gaps: Bench = {
  async run({ root, env, signal, say, note }) {
    const rounds = Number(env.TANDEM_BENCH_ROUNDS ?? standardRounds);
    // Nothing is measured on a stack that is not well.
    const stack = await StackUnderTest.open({ root, env, signal, say, note });
    note(
      'cameras of 640 × 360 at 25 pictures/s; "nothing" is a call at rest, the best that this machine can show',
    );
    const folder = await mkdtemp(join(tmpdir(), 'tandem-gaps-'));
    const seen: Gaps[] = [];
    try {
      for (let round = 0; round < rounds; round++) {
        say(`round ${round + 1} of ${rounds}`, round / rounds);
        const file = join(folder, `${round}.json`);
        const { code, output } = await runNode(
          join(root, 'node_modules/vitest/vitest.mjs'),
          ['run', '--project', 'stack', test],
          { cwd: root, env: { ...env, GAPS_FILE: file }, signal, killed: true },
        );
        if (code !== 0) throw new Error(`${test} failed:\n${output.slice(-4_000)}`);
        seen.push(...JSON.parse(await readFile(file, 'utf8')));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
      await endDrains(stack);
    }
    return [...Map.groupBy(seen, ({ fault }) => fault)].flatMap(([fault, all]) => figuresOf(fault, all));
  },
};

/** A test that is stopped in the middle of a drain has not called it off. */
async function endDrains({ target }: StackUnderTest): Promise<void> {
  const signal = AbortSignal.timeout(END_DRAINS_MS);
  const servers = await readCallServers('media', target.clouds, signal);
  await Promise.all(servers.filter(({ draining }) => draining).map((each) => cancelDrain(each, signal)));
}

function figuresOf(fault: string, all: readonly Gaps[]): Figure[] {
  const video = all.flatMap(({ ada, bob }) => [ada.video, bob.video]);
  const audio = all.flatMap(({ bob }) => bob.audio ?? []);
  const target = targets[fault] ?? unnoticed;
  return [
    figure(`${fault}: video, p95 of ${video.length}`, percentile(video, 0.95), 'ms', target),
    figure(`${fault}: video, median`, median(video), 'ms'),
    figure(`${fault}: audio, p95 of ${audio.length}`, percentile(audio, 0.95), 'ms', target),
  ];
}
