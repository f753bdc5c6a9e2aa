import { randomBytes } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateOf } from '../local/state.ts';
import { findTool } from '../local/toolchain/find.ts';
import { tools } from '../local/toolchain/tools.ts';
import { firstInstance } from './first-instance.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { timeProcess } from './time.ts';
import type { Variant } from './variant.ts';

/** A new version of `rooms` on its way from the edit to the people. Milliseconds since the edit. */
export interface Delivery {
  /** Nomad had the job. */
  registeredMs: number;
  /** The first instance of the new version answered as healthy. */
  readyMs: number;
  /** Consul had asked it: at a random moment within the interval of the check. */
  passingMs: number;
  /** The edge gave the first answer of the new version. */
  answeredMs: number;
  /** The command was back: every instance is of the new version and healthy. */
  overMs: number;
  /** Where the time until the first answer went, by stage; empty by hand. */
  stagesMs: Partial<Record<Stage, number>>;
}

/** The stages of a `tandem deploy` until the first answer, one after the other. */
export const stages = [
  'start of the command',
  'read, copy the build, compile',
  'lock',
  'plan',
  'record the release',
  'register the job',
  'place it',
  'start the process',
  'become ready',
  'wait until Consul asks',
  'render, test and reload nginx',
] as const;
export type Stage = (typeof stages)[number];

export interface Workplace {
  stack: StackUnderTest;
  variant: Variant;
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** As an operator does it. */
export async function byTandem({ stack, variant, signal }: Workplace): Promise<Delivery> {
  const timings = join(tmpdir(), `tandem-bench-${randomBytes(6).toString('hex')}.json`);
  try {
    const watch = await watchRooms(stack, signal);
    await variant.edit();
    await stack.deploy(variant.path, { TANDEM_TIMINGS: timings });
    const delivery = await watch.end();
    const marks: Record<string, number> = JSON.parse(await readFile(timings, 'utf8'));
    const since = (mark: string) => (marks[mark] ?? Number.NaN) - watch.startedAt;
    const ends = [
      ...['started', 'compiled', 'locked', 'planned', 'recorded', 'submitted rooms'].map(since),
      ...[delivery.placedMs, delivery.startedMs],
      ...[delivery.readyMs, delivery.passingMs, delivery.answeredMs],
    ];
    // The job is registered a moment before the command knows.
    const lengths = stages.map((stage, i) => [stage, (ends[i] ?? 0) - (ends[i - 1] ?? 0)]);
    return { ...delivery, stagesMs: Object.fromEntries(lengths) };
  } finally {
    await rm(timings, { force: true });
  }
}

/** As a person without Tandem does it, whose job file stands ready and names the next build already. */
export async function byHand({ stack, variant, root, env, signal }: Workplace): Promise<Delivery> {
  const nomad = tools.find(({ name }) => name === 'nomad');
  const program = nomad === undefined ? null : (await findTool(nomad, env)).found;
  if (program === null) throw new Error('there is no nomad to compare with');
  const { builds } = stateOf(root);
  const last = join(builds, `rooms-${await stack.liveVersion('rooms')}`);
  const digest = randomBytes(6).toString('hex');
  const file = join(tmpdir(), `tandem-bench-${digest}.nomad.json`);
  await writeFile(file, JSON.stringify(await stack.jobSpec(variant.path, 'rooms', digest)));
  const build = join(builds, `rooms-${digest}`);
  try {
    const watch = await watchRooms(stack, signal);
    await variant.edit();
    await timeProcess('cp', ['-a', last, build], { cwd: root, env, signal });
    await cp(join(variant.folder, 'src'), join(build, 'service/src'), { recursive: true });
    await timeProcess(program.path, ['job', 'run', '-json', file], {
      cwd: root,
      env: { ...env, NOMAD_ADDR: stack.addresses.nomad },
      signal,
    });
    return { ...(await watch.end()), stagesMs: {} };
  } finally {
    await rm(file, { force: true });
  }
}

interface Seen extends Omit<Delivery, 'stagesMs'> {
  placedMs: number;
  startedMs: number;
}

/** Watches the outside of a delivery that begins now: what Consul and the people see, and afterwards what Nomad noted. */
async function watchRooms(
  stack: StackUnderTest,
  signal: AbortSignal,
): Promise<{ startedAt: number; end(): Promise<Seen> }> {
  const former = await settled(stack, signal);
  const known = new Set((await stack.cloud.consul.health('rooms')).map(({ Service }) => Service.ID));
  const startedAt = Date.now();
  const answered = firstTime(async () => (await versionAtTheEdge(stack)) !== former, signal);
  const first = firstInstance(stack, 'rooms', known, signal);
  // Where the deploy fails or is interrupted nobody waits for them.
  for (const seen of [answered, first]) seen.catch(() => undefined);
  return {
    startedAt,
    async end() {
      const overMs = Date.now() - startedAt;
      const [answeredAt, { readyAt, passingAt }] = await Promise.all([answered, first]);
      const since = (nanoseconds: number) => nanoseconds / 1e6 - startedAt;
      const { jobs } = stack.cloud.nomad;
      const [live, allocations] = await Promise.all([jobs.get('rooms'), jobs.allocations('rooms')]);
      const fresh = allocations
        .filter(({ JobVersion }) => JobVersion === live?.Version)
        .toSorted((a, b) => a.CreateIndex - b.CreateIndex)[0];
      const events = fresh?.TaskStates?.rooms?.Events ?? [];
      const started = events.find(({ Type }) => Type === 'Started');
      return {
        registeredMs: since(live?.SubmitTime ?? Number.NaN),
        placedMs: since(fresh?.CreateTime ?? Number.NaN),
        startedMs: since(started?.Time ?? Number.NaN),
        readyMs: readyAt - startedAt,
        passingMs: passingAt - startedAt,
        answeredMs: answeredAt - startedAt,
        overMs,
      };
    },
  };
}

/** As many answers in a row of one version, from all instances in turn: no other one is in rotation any more. */
const settledAnswers = 30;

/**
 * Waits until only the version that Nomad was given last answers: instances of the one before are on their way out for a
 * moment after a rollout is over.
 */
async function settled(stack: StackUnderTest, signal: AbortSignal): Promise<string> {
  const version = await stack.liveVersion('rooms');
  for (let answers = 0; answers < settledAnswers; ) {
    signal.throwIfAborted();
    answers = (await versionAtTheEdge(stack)) === version ? answers + 1 : 0;
  }
  return version;
}

/** Which version answers; both the old and the new one do while a rollout goes on. */
async function versionAtTheEdge({ addresses }: StackUnderTest): Promise<string> {
  const answer = await fetch(`${addresses.edge}/api/rooms/openapi.json`);
  const version = /"version":"([^"]+)"/.exec(await answer.text())?.[1];
  if (version === undefined) throw new Error('the OpenAPI of `rooms` names no version');
  return version;
}

/** When the condition held for the first time, milliseconds since 1970; asked a hundred times a second at most. */
async function firstTime(condition: () => Promise<boolean>, signal: AbortSignal): Promise<number> {
  while (!(await condition())) await sleep(10, undefined, { signal });
  return Date.now();
}
