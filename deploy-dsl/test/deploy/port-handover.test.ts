import { afterAll, beforeAll, expect, test } from 'vitest';
import { TandemError } from '../../src/language/diagnostic.ts';
import { openStage, type Stage } from './stage.ts';

/** A fixed port that one service gives up and another one takes in the same deploy. One machine: one of them has it. */

let stage: Stage;
const file = (services: string) => `tandem: 1
defaults: { cpu: 20, memory: 32, health: { interval: 1s }, update: { healthy: 200ms, deadline: 1m, drain: 1s } }
services:
${services}`;
/** Outside of what Nomad and the kernel give away. */
const [one, two] = [32_310, 32_311];

beforeAll(async () => {
  stage = await openStage(['first', 'second', 'third']);
  await stage.deploy(file(`  first: { ports: { rtc: ${one} } }\n`));
});
afterAll(() => stage?.stop());

test('a new service gets the port that an old one leaves for another', async () => {
  const yaml = file(`  first: { ports: { rtc: ${two} } }\n  second: { ports: { rtc: ${one} } }\n`);
  await stage.deploy(yaml);
  expect(await portsOf('first')).toEqual([two]);
  expect(await portsOf('second')).toEqual([one]);
  expect(await stage.planned(yaml)).toContain('nothing to change');
});

test('where the new version fails, both have the ports that they had', async () => {
  const yaml = file(
    `  first: { ports: { rtc: ${two} } }
  second: { ports: { rtc: 32312 } }
  third: { ports: { rtc: ${one} }, env: { MODE: sick }, update: { deadline: 5s } }
`,
  );
  const error: unknown = await stage.deploy(yaml).catch((reason: unknown) => reason);
  if (!(error instanceof TandemError)) throw new Error(`it did not fail as expected: ${error}`);
  const [why, note] = error.diagnostics;
  expect(why?.title).toContain('"third" is not healthy');
  expect(note?.title).toContain('what it had changed was put back');
  expect(await portsOf('second')).toEqual([one]);
  expect(await portsOf('third')).toEqual([]);
});

test('a new service gets the port of one that the file names no more', async () => {
  const yaml = file(`  first: { ports: { rtc: ${two} } }\n  third: { ports: { rtc: ${one} } }\n`);
  await stage.deploy(yaml);
  expect(await portsOf('third')).toEqual([one]);
  expect(await portsOf('second')).toEqual([]);
  expect(await stage.planned(yaml)).toContain('nothing to change');
});

test('two services exchange their ports: one stops first, and the plan says so', async () => {
  const yaml = file(`  first: { ports: { rtc: ${one} } }\n  third: { ports: { rtc: ${two} } }\n`);
  const shown = await stage.planned(yaml);
  expect(shown).toMatch(
    /third {2}.*restarts 1 instance \(stopped first: it exchanges ports with another service\)/,
  );
  expect(shown).toMatch(/first {2}.*restarts 1 instance \(a short gap\)/);
  await stage.deploy(yaml);
  expect(await portsOf('first')).toEqual([one]);
  expect(await portsOf('third')).toEqual([two]);
  expect(await stage.planned(yaml)).toContain('nothing to change');
});

test('where the exchange fails, both have the ports that they had', async () => {
  const yaml = file(
    `  first: { ports: { rtc: ${two} } }
  third: { ports: { rtc: ${one} }, env: { MODE: sick }, update: { deadline: 5s } }
`,
  );
  const error: unknown = await stage.deploy(yaml).catch((reason: unknown) => reason);
  if (!(error instanceof TandemError)) throw new Error(`it did not fail as expected: ${error}`);
  expect(error.diagnostics.at(-1)?.title).toContain('what it had changed was put back');
  expect(await portsOf('first')).toEqual([one]);
  expect(await portsOf('third')).toEqual([two]);
});

test('who needs the one that takes its port stops first, too', async () => {
  const yaml = file(
    `  first: { ports: { rtc: ${two} } }\n  third: { needs: [first], ports: { rtc: 32312 } }\n`,
  );
  await stage.deploy(yaml);
  expect(await portsOf('first')).toEqual([two]);
  expect(await portsOf('third')).toEqual([32_312]);
});

/** Fixed ports of a job's running instances. */
async function portsOf(job: string): Promise<number[]> {
  const { nomad } = stage.agents;
  const allocations = await nomad.jobs.allocations(job);
  const live = await nomad.jobs.get(job);
  const isRunning = allocations.some(
    ({ ClientStatus, DesiredStatus, JobVersion }) =>
      ClientStatus === 'running' && DesiredStatus === 'run' && JobVersion === live?.Version,
  );
  const networks = live?.TaskGroups.flatMap(({ Networks }) => Networks ?? []) ?? [];
  const reserved = networks.flatMap(({ ReservedPorts }) => (ReservedPorts ?? []).map(({ Value }) => Value));
  return isRunning ? reserved : [];
}
