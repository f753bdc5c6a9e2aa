import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadFile } from '../language/load.ts';
import { ownedProcesses } from '../local/owned.ts';
import { stateOf } from '../local/state.ts';
import { type Bench, type Figure, figure } from './bench.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { timeProcess } from './time.ts';
import { proportionalMB, type Usage, usageOf } from './usage.ts';

const settleMs = 20_000;
const watchMs = 30_000;

/** Less CPU than this is not worth a line, in percent of a core. */
const worthALine = 0.05;

/** The stack with nobody using it, part by part, after a stop and a second start. */
export const rest: Bench = {
  async run(context) {
    const { root, env, signal, say } = context;
    const { addresses } = await StackUnderTest.open(context);
    const { model } = await loadFile(addresses.file, { environment: 'local' });
    const services = new Set(Object.keys(model.services));
    const launcher = join(root, 'tandem');
    const up = (options: { signal?: AbortSignal }) =>
      timeProcess(launcher, ['up', '--file', addresses.file, '--port-offset', String(addresses.portOffset)], {
        cwd: root,
        env,
        ...options,
      });

    let upMs: number;
    try {
      say('stopping the stack');
      await timeProcess(launcher, ['down'], { cwd: root, env, signal });
      say('starting it for the second time');
      upMs = await up({ signal });
    } catch (error) {
      say('putting the stack back');
      await up({});
      throw error;
    }
    const started = await usages();
    say(`letting it settle for ${settleMs / 1000} s`);
    await sleep(settleMs, undefined, { signal });
    const before = await usages();
    say(`watching it for ${watchMs / 1000} s`);
    await sleep(watchMs, undefined, { signal });
    return [
      figure('second `./tandem up`, whole command, until every service is healthy', upMs / 1000, 's', {
        below: 20,
      }),
      ...startFigures(started),
      ...restFigures(before, await usages(), watchMs / 1000),
    ];

    async function usages(): Promise<Usage[]> {
      const owned = await ownedProcesses(stateOf(root));
      const found = await Promise.all(owned.map(({ pid }) => usageOf(pid, services)));
      return found.filter((usage) => usage !== null);
    }
  },
};

/** What the start had to compute, whoever else kept the machine busy: the time of `up` cannot be less. */
function startFigures(started: readonly Usage[]): Figure[] {
  const cpuS = (usages: readonly Usage[]) => usages.reduce((sum, usage) => sum + usage.cpuS, 0);
  const rabbitmq = started.filter(({ part }) => part === 'RabbitMQ');
  return [
    figure('CPU that everything it started had used by then', cpuS(started), 's'),
    figure('of it RabbitMQ, which starts in one thread', cpuS(rabbitmq), 's'),
  ];
}

/** @param seconds between the two looks */
export function restFigures(before: readonly Usage[], after: readonly Usage[], seconds: number): Figure[] {
  const memory = proportionalMB(after);
  const then = new Map(before.map(({ pid, cpuS }) => [pid, cpuS]));
  const memoryOf = ({ pid }: Usage) => memory.get(pid) ?? 0;
  const percentOf = ({ pid, cpuS }: Usage) => ((cpuS - (then.get(pid) ?? cpuS)) / seconds) * 100;

  const services = after.filter(({ isService }) => isService);
  const parts = [...Map.groupBy(after, ({ part }) => part)].map(([part, usages]) => ({
    name: usages.length === 1 ? part : `${part} (${usages.length} processes)`,
    memoryMB: sum(usages, memoryOf),
    percent: sum(usages, percentOf),
  }));
  return [
    figure(
      "largest instance of a service, with its share of Node's program",
      Math.max(...services.map(memoryOf)),
      'MB',
      { below: 80 },
    ),
    figure('the same, all that it has written', Math.max(...services.map(({ ownMB }) => ownMB)), 'MB'),
    figure(
      'the same, resident size: the whole program counted for each instance',
      Math.max(...services.map(({ residentMB }) => residentMB)),
      'MB',
    ),
    figure(
      'memory: everything',
      sum(parts, ({ memoryMB }) => memoryMB),
      'MB',
    ),
    ...parts
      .toSorted((a, b) => b.memoryMB - a.memoryMB)
      .map(({ name, memoryMB }) => figure(`memory: ${name}`, memoryMB, 'MB')),
    figure(
      'CPU: everything',
      sum(parts, ({ percent }) => percent),
      '% of a core',
    ),
    ...parts
      .filter(({ percent }) => percent >= worthALine)
      .toSorted((a, b) => b.percent - a.percent)
      .map(({ name, percent }) => figure(`CPU: ${name}`, percent, '% of a core')),
  ];
}

function sum<Value>(values: readonly Value[], sizeOf: (value: Value) => number): number {
  return values.reduce((total, value) => total + sizeOf(value), 0);
}
