import { setTimeout as sleep } from 'node:timers/promises';
import { edgeFolder } from '../compile/platform/edge-job.ts';
import { listenersOn } from '../local/listeners.ts';
import { type Bench, figure } from './bench.ts';
import { startCallLoad } from './call-load.ts';
import type { LoadResult } from './load.ts';
import { noteFailures, requestFigures } from './requests.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { median, percentile } from './statistics.ts';

/** TANDEM_BENCH_KILLS asks for another number. */
const standardKills = 10;
const patienceMs = 60_000;
const pollMs = 20;
/**
 * From one recovery to the next kill. A repeated POST waits up to three seconds until it is known that its first attempt
 * died with its process; a crash of both instances within that time is another matter.
 */
const pauseMs = 4_000;

interface Instance {
  host: string;
  port: number;
  pid: number;
}

/** kill -9 of instances of `rooms`, one after the other, under the load of the rollouts. */
export const crash: Bench = {
  async run(context) {
    const { env, signal, say } = context;
    const kills = Number(env.TANDEM_BENCH_KILLS ?? standardKills);
    const stack = await StackUnderTest.open(context);
    const wanted = (await instancesOf(stack)).length;
    if (wanted < 2) throw new Error('`rooms` needs two healthy instances');
    const served: number[] = [];
    const back: number[] = [];
    let result: LoadResult;
    const load = await startCallLoad(stack.addresses.edge, signal);
    try {
      for (let kill = 1; kill <= kills; kill++) {
        const failed = `${load.failed} of ${load.sent.toLocaleString('en')} requests failed`;
        say(`kill ${kill} of ${kills}, ${failed}`, (kill - 1) / kills);
        const instances = await until(signal, async () => {
          const healthy = await instancesOf(stack);
          return healthy.length === wanted && healthy;
        });
        const victim = instances[kill % wanted];
        if (victim === undefined) throw new Error('no instance to kill');
        const killedAt = performance.now();
        process.kill(victim.pid, 'SIGKILL');
        // Nomad starts it again in place; where it gave up, another one at another address counts as well.
        await until(signal, async () => (await isReady(victim)) || (await anotherThan(instances, stack)));
        served.push(performance.now() - killedAt);
        await until(signal, async () => {
          const healthy = await instancesOf(stack);
          const config = await edgeConfig(stack);
          return (
            healthy.length === wanted &&
            healthy.every(({ pid }) => pid !== victim.pid) &&
            healthy.every(({ host, port }) => config.includes(`server ${host}:${port} `))
          );
        });
        back.push(performance.now() - killedAt);
        await sleep(pauseMs, undefined, { signal });
      }
    } finally {
      say('ending the load');
      result = await load.stop();
    }
    noteFailures(result, context);
    return [
      figure('instances of `rooms` killed with -9', back.length, ''),
      ...requestFigures(result, null),
      figure('kill until the new process answers, median', median(served) / 1000, 's'),
      figure('the same, slowest', percentile(served, 1) / 1000, 's'),
      figure('kill until passing in Consul and in nginx again, median', median(back) / 1000, 's'),
      figure('the same, slowest', percentile(back, 1) / 1000, 's'),
    ];
  },
};

/** The instances whose check passes and that a process listens for. */
async function instancesOf(stack: StackUnderTest): Promise<Instance[]> {
  const entries = await stack.cloud.consul.health('rooms');
  const passing = entries
    .filter(({ Checks }) => Checks.every(({ Status }) => Status === 'passing'))
    .map(({ Service }) => ({ host: Service.Address, port: Service.Port }));
  const listeners = await listenersOn(passing.map(({ port }) => port));
  return passing.flatMap((instance) => {
    const pid = listeners.find(({ port }) => port === instance.port)?.pid ?? null;
    return pid === null ? [] : [{ ...instance, pid }];
  });
}

async function isReady({ host, port }: Instance): Promise<boolean> {
  const answer = await fetch(`http://${host}:${port}/healthz/ready`).catch(() => null);
  return answer?.ok === true;
}

async function anotherThan(known: readonly Instance[], stack: StackUnderTest): Promise<boolean> {
  const now = await stack.cloud.consul.health('rooms');
  return now.some(({ Service, Checks }) => {
    const isNew = known.every(({ port }) => port !== Service.Port);
    return isNew && Checks.every(({ Status }) => Status === 'passing');
  });
}

/** The configuration that nginx of this machine runs with. */
async function edgeConfig({ cloud }: StackUnderTest): Promise<string> {
  const edges = await cloud.nomad.jobs.allocations('edge');
  const edge = edges.find(({ ClientStatus }) => ClientStatus === 'running');
  const config =
    edge === undefined ? null : await cloud.nomad.allocations.cat(edge.ID, `${edgeFolder}/nginx.conf`);
  return config ?? '';
}

async function until<T>(signal: AbortSignal, condition: () => Promise<T | false>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await condition();
    if (value !== false) return value;
    if (performance.now() > deadline)
      throw new Error('the instance that was killed was not replaced within a minute');
    await sleep(pollMs, undefined, { signal });
  }
}
