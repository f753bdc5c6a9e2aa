import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownedProcesses } from '../local/owned.ts';
import { commandOf } from '../local/processes.ts';
import { stateOf } from '../local/state.ts';
import { type Bench, type Figure, figure } from './bench.ts';
import { timeProcess } from './time.ts';

const settleMs = 20_000;
const watchMs = 30_000;
/** Clock ticks per second of /proc/PID/stat on Linux (USER_HZ), source: proc_pid_stat(5). */
const ticksPerSecond = 100;

interface Usage {
  program: string;
  memoryMB: number;
  ticks: number;
}

/** The stack with nobody using it, program by program, after a stop and a second start. */
export const rest: Bench = {
  async run({ root, env, signal, say }) {
    const options = { cwd: root, env, signal };
    const tandem = join(root, 'tandem');
    const state = stateOf(root);
    say('stopping the stack');
    await timeProcess(tandem, ['down'], options);
    say('starting it for the second time');
    const secondUp = await timeProcess(tandem, ['up'], options);
    say('letting it settle');
    await sleep(settleMs, undefined, { signal });
    const before = await usage();
    say(`watching it for ${watchMs / 1000} s`);
    await sleep(watchMs, undefined, { signal });
    const after = await usage();
    return [
      figure('second `./tandem up`, whole process, to every service healthy', secondUp / 1000, 's', {
        below: 20,
      }),
      ...byProgram(before, after),
    ];

    async function usage(): Promise<Map<number, Usage>> {
      const owned = await ownedProcesses(state);
      const entries = await Promise.all(owned.map(async ({ pid }) => [pid, await usageOf(pid)] as const));
      return new Map(entries.flatMap(([pid, used]) => (used === null ? [] : [[pid, used] as const])));
    }
  },
};

/** Proportional set size, so that memory shared between processes counts once; CPU in ticks. */
async function usageOf(pid: number): Promise<Usage | null> {
  try {
    const [rollup, stat, command] = await Promise.all([
      readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
      commandOf(pid),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kB = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]);
    return {
      program: programName(command ?? ''),
      memoryMB: (kB * 1024) / 1e6,
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    // It ended while we looked.
    return null;
  }
}

/** What a reader knows it by: the service for Node, the part for Nomad, else the program. */
function programName(command: string): string {
  const words = command.split(' ');
  const program = (words[0] ?? '').split('/').at(-1)?.replace(/:$/, '') ?? '';
  if (program === 'nomad') return `nomad ${words[1] === 'agent' ? 'agents' : 'executors and log collectors'}`;
  if (program === 'node') return 'services (node)';
  if (/^(beam|erl|epmd|inet_gethost)/.test(program) || command.includes('rabbitmq')) return 'rabbitmq';
  return program;
}

function byProgram(before: ReadonlyMap<number, Usage>, after: ReadonlyMap<number, Usage>): Figure[] {
  const programs = new Map<
    string,
    { processes: number; memoryMB: number; ticks: number; largestMB: number }
  >();
  for (const [pid, now] of after) {
    const sum = programs.get(now.program) ?? { processes: 0, memoryMB: 0, ticks: 0, largestMB: 0 };
    programs.set(now.program, {
      processes: sum.processes + 1,
      memoryMB: sum.memoryMB + now.memoryMB,
      ticks: sum.ticks + now.ticks - (before.get(pid)?.ticks ?? now.ticks),
      largestMB: Math.max(sum.largestMB, now.memoryMB),
    });
  }
  const percent = (ticks: number) => (ticks / ticksPerSecond / (watchMs / 1000)) * 100;
  const all = [...programs.values()];
  const largestService = programs.get('services (node)')?.largestMB ?? Number.NaN;
  return [
    figure('largest instance of a service', largestService, 'MB', { below: 80 }),
    figure(
      'whole stack: memory',
      all.reduce((sum, { memoryMB }) => sum + memoryMB, 0),
      'MB',
    ),
    figure('whole stack: CPU', percent(all.reduce((sum, { ticks }) => sum + ticks, 0)), '% of a core'),
    ...[...programs]
      .sort()
      .flatMap(([program, { processes, memoryMB, ticks }]) => [
        figure(`${program} (${processes}): memory`, memoryMB, 'MB'),
        figure(`${program} (${processes}): CPU`, percent(ticks), '% of a core'),
      ]),
  ];
}
