import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LogEntry, LogRequest } from '../../src/inspect/log-entry.ts';
import type { LogFilter } from '../../src/inspect/log-filter.ts';
import { sourcesOf } from '../../src/inspect/log-source.ts';
import { openLog } from '../../src/inspect/log-stream.ts';
import { followEntries, lastEntries } from '../../src/inspect/logs.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { scriptJob } from '../support/jobs.ts';
import { until } from '../support/until.ts';

let agents: Agents;

beforeAll(async () => {
  agents = await startAgents();
});

afterAll(() => agents?.stop());

const everything: LogFilter = { level: null, grep: null, request: null, since: null };

function request(jobs: string[], more: Partial<LogRequest> = {}): LogRequest {
  return {
    clouds: [{ name: 'local', nomad: agents.nomad, consul: agents.consul }],
    jobs,
    filter: everything,
    lines: 100,
    instance: null,
    streams: ['stdout', 'stderr'],
    signal: new AbortController().signal,
    ...more,
  };
}

const messages = (entries: LogEntry[]) => entries.map(({ line }) => line.message);

async function finished(job: string, count: number): Promise<void> {
  await until(`${job} has ended`, async () => {
    const all = await agents.nomad.jobs.allocations(job);
    return all.length === count && all.every((one) => ['complete', 'failed'].includes(one.ClientStatus));
  });
}

/** Says the even or the odd numbers, ten milliseconds apart, and ends. */
const counting = `
const first = Number(process.env.NOMAD_ALLOC_INDEX);
for (let n = first; n < 40; n += 2) console.log(JSON.stringify({ level: 30, time: 1000 + n * 10, msg: 'n' + n, reqId: 'r' + n }));
console.error('bye ' + first);`;

describe('the last lines', () => {
  beforeAll(async () => {
    await agents.nomad.jobs.register(scriptJob('count', counting, { Count: 2 }));
    await finished('count', 2);
  });

  test('of two instances that have ended are in order of time', async () => {
    const entries = await lastEntries(request(['count'], { streams: ['stdout'] }));
    expect(messages(entries)).toEqual(Array.from({ length: 40 }, (_, n) => `n${n}`));
    expect(new Set(entries.map(({ source }) => source.instance)).size).toBe(2);
  });

  test('are as many as were asked for', async () => {
    const entries = await lastEntries(request(['count'], { streams: ['stdout'], lines: 3 }));
    expect(messages(entries)).toEqual(['n37', 'n38', 'n39']);
  });

  test('are those that pass the filter', async () => {
    const filter = { ...everything, request: 'r7' };
    expect(messages(await lastEntries(request(['count'], { filter })))).toEqual(['n7']);
  });

  test('of one instance, of standard error', async () => {
    const [first] = await agents.nomad.jobs.allocations('count');
    const id = first?.ID.slice(0, 6) ?? '';
    const entries = await lastEntries(request(['count'], { instance: id, streams: ['stderr'] }));
    expect(messages(entries)).toEqual([first?.Name.endsWith('[0]') ? 'bye 0' : 'bye 1']);
  });

  test('of an instance that is not there is bad input', async () => {
    await expect(lastEntries(request(['count'], { instance: 'zzz' }))).rejects.toMatchObject({
      exitCode: 2,
      diagnostics: [{ code: 'TDM-335' }],
    });
  });

  test('of a job that is not there are none', async () => {
    expect(await lastEntries(request(['nobody']))).toEqual([]);
  });
});

test('a huge log with rotated files, binary rubbish and a line without end is read back without loss', async () => {
  const script = `
    const fill = 'x'.repeat(1000);
    for (let n = 0; n < 3000; n++) console.log(JSON.stringify({ level: n % 1000 === 0 ? 50 : 30, time: n, msg: 'n' + n, fill }));
    process.stdout.write(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 256 === 10 ? 11 : (i * 7) % 256)));
    process.stdout.write('\\nend');`;
  const job = scriptJob('huge', script);
  for (const task of job.TaskGroups.flatMap(({ Tasks }) => Tasks)) {
    task.LogConfig = { MaxFiles: 5, MaxFileSizeMB: 1 };
  }
  await agents.nomad.jobs.register(job);
  await finished('huge', 1);
  const entries = await lastEntries(request(['huge'], { streams: ['stdout'], lines: 2002 }));
  expect(messages(entries).slice(0, 2)).toEqual(['n1000', 'n1001']);
  expect(messages(entries).at(-1)).toBe('end');
  const filter = { ...everything, level: 'error' as const };
  const errors = await lastEntries(request(['huge'], { streams: ['stdout'], filter }));
  expect(messages(errors)).toEqual(['n0', 'n1000', 'n2000']);
});

/** Says its index and how often it was started, then a number ten times a second. */
const talking = `
const fs = require('node:fs');
const marks = process.env.NOMAD_ALLOC_DIR + '/starts';
fs.appendFileSync(marks, 'x');
const start = fs.readFileSync(marks, 'utf8').length;
let n = 0;
setInterval(() => console.log(JSON.stringify({ level: 30, time: Date.now(), msg: 'start ' + start + ' n' + n++ })), 100);`;

describe('following', () => {
  test('what is written while the log is being opened is not lost', async () => {
    await agents.nomad.jobs.register(scriptJob('early', talking));
    const [allocation] = await until('it runs', async () => {
      const all = await agents.nomad.jobs.allocations('early');
      return all[0]?.ClientStatus === 'running' ? all : null;
    });
    const cloud = { name: 'local', nomad: agents.nomad };
    const options = { instance: null, streams: ['stdout'] } as const;
    const [source] = allocation === undefined ? [] : sourcesOf(cloud, allocation, options);
    if (source === undefined) throw new Error('an instance has logs');
    const abort = new AbortController();
    const { pieces } = await openLog(source, { bytes: null, follow: true, signal: abort.signal });
    // Its size is known, but nothing is read yet.
    const size = async () =>
      (await agents.nomad.allocations.files(source.instance, 'alloc/logs')).reduce(
        (sum, file) => sum + file.Size,
        0,
      );
    const before = await size();
    await until('more is written', async () => (await size()) > before + 100);
    const lines: string[] = [];
    for await (const piece of pieces) {
      if (piece.kind === 'line') lines.push(JSON.parse(piece.text).msg);
      if (lines.length === 10) break;
    }
    expect(lines).toEqual(lines.map((_, n) => `start 1 n${n}`));
    await agents.nomad.jobs.deregister('early');
  });

  test('nothing is lost or doubled from the first line on, over a restart and with a new instance', async () => {
    await agents.nomad.jobs.register(scriptJob('talk', talking));
    const [allocation] = await until('it runs', async () => {
      const all = await agents.nomad.jobs.allocations('talk');
      return all[0]?.ClientStatus === 'running' ? all : null;
    });
    const first = allocation?.ID ?? '';
    const abort = new AbortController();
    const seen: LogEntry[] = [];
    const following = followEntries(request(['talk'], { signal: abort.signal, lines: 1000 }), (entry) =>
      seen.push(entry),
    );
    const of = (instance: string, start: number) =>
      messages(seen.filter(({ source }) => source.instance === instance)).filter((m) =>
        m.startsWith(`start ${start} `),
      );

    await until('ten lines are there', () => of(first, 1).length >= 10);
    await agents.nomad.allocations.restart(first);
    await until('it was restarted', () => of(first, 2).length >= 5);
    await agents.nomad.jobs.scale('talk', 'talk', 2);
    const second = await until('the new instance is heard', () =>
      seen.find(({ source }) => source.instance !== first),
    );
    const other = second.source.instance;
    await until('and goes on', () => of(other, 1).length >= 5);
    abort.abort();
    await following;

    for (const [instance, start] of [
      [first, 1],
      [first, 2],
      [other, 1],
    ] as const) {
      const lines = of(instance, start);
      expect(lines).toEqual(lines.map((_, n) => `start ${start} n${n}`));
    }
  });

  test('nothing is lost or doubled while the agent of the node is away and comes back', async () => {
    await agents.nomad.jobs.register(scriptJob('steady', talking));
    const abort = new AbortController();
    const seen: LogEntry[] = [];
    const following = followEntries(request(['steady'], { signal: abort.signal, lines: 1000 }), (entry) =>
      seen.push(entry),
    );
    await until('ten lines are there', () => seen.length >= 10);
    await agents.kill('nomad-client-0');
    const before = seen.length;
    agents.revive('nomad-client-0');
    await until('it goes on', () => seen.length >= before + 20, { timeoutMs: 60_000 });
    abort.abort();
    await following;
    const lines = messages(seen);
    expect(lines).toEqual(lines.map((_, n) => `start 1 n${n}`));
  });

  test('an instance that ends is followed by its replacement, and the follower survives both', async () => {
    const script = `console.log('I am ' + process.env.NOMAD_ALLOC_ID); setTimeout(() => process.exit(1), 1500)`;
    const second = 1_000_000_000;
    const job = scriptJob('mortal', script, {
      ReschedulePolicy: { Delay: 5 * second, DelayFunction: 'constant', MaxDelay: 0, Unlimited: true },
    });
    // Without a deployment: on a busy machine the instance ends before it counts as healthy, and Nomad replaces none of
    // a deployment that has failed.
    if (job.Update !== undefined) job.Update = { ...job.Update, MaxParallel: 0 };
    const abort = new AbortController();
    const seen: LogEntry[] = [];
    let waited = 0;
    const following = followEntries(
      request(['mortal'], { signal: abort.signal }),
      (entry) => seen.push(entry),
      () => waited++,
    );
    await until('it is said that there is none yet', () => waited === 1);
    await agents.nomad.jobs.register(job);
    await until('two of them were heard', () => new Set(messages(seen)).size >= 2, { timeoutMs: 80_000 });
    abort.abort();
    await following;
    expect(new Set(messages(seen)).size).toBe(seen.length);
  });
});
