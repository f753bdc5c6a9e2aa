import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistory } from '../../src/deploy/history.ts';
import { Lock } from '../../src/deploy/lock.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
const processes: ChildProcess[] = [];
const file = (web = '', api = '') => `tandem: 1
defaults: { cpu: 20, memory: 64, health: { interval: 1s }, update: { healthy: 200ms, deadline: 10s, drain: 1s } }
services:
  web: { ${web} }
  api: { needs: [web], ${api} }
`;

beforeAll(async () => {
  stage = await openStage(['web', 'api']);
  await stage.deploy(file());
});
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await stage?.stop();
});

/** Starts a deploy in a process of its own; ready when it has said something that matches. */
async function deployElsewhere(yaml: string, said: RegExp) {
  const { nomad, consul } = stage.agents;
  const script = join(import.meta.dirname, 'deploy-process.ts');
  const child = spawn(process.execPath, [script, stage.root, nomad.address, consul.address, yaml], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await until(
    `the deploy says ${said}`,
    () => said.test(output) || (child.exitCode !== null && Promise.reject(output)),
  );
  return { child, ended, output: () => output };
}

async function refusalOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TandemError)) throw new Error(`it was not refused: ${error}`);
  return error.diagnostics[0];
}

test('two deploys at once: the second is told who holds the lock, and touches nothing', async () => {
  const baking = file('', 'memory: 72, update: { canary: 50%, bake: 3s }');
  const first = await deployElsewhere(baking, /api: canary/);
  const why = await refusalOf(stage.deploy(file('memory: 96')));
  expect(why).toMatchObject({ code: 'TDM-350' });
  expect(why?.title).toMatch(/^tester@here is at it: deploy, since .* UTC \(process \d+\)$/);
  expect(await stage.planned(baking)).toContain('tester@here is at it now: deploy');
  expect(await first.ended, first.output()).toBe(0);
  expect(await stage.planned(baking)).toBe('local is as the file says: nothing to change.');
});

test('killed while a canary bakes: the plan says so, and the next deploy goes on from there', async () => {
  const next = file('', 'memory: 80, update: { canary: 50%, bake: 30s }');
  const soon = file('', 'memory: 80, update: { canary: 50%, bake: 1s }');
  const { child, ended } = await deployElsewhere(next, /api: canary/);
  child.kill('SIGKILL');
  await ended;
  const shown = await stage.planned(soon);
  expect(shown).toContain('an interrupted rollout goes on');
  expect(shown).toMatch(/release 3 \(tester@here, .*\) was interrupted/);
  expect(shown).toContain('`./tandem rollback 2` takes it back');
  // The lock of a process that died on this machine holds nobody up.
  const { release } = await stage.deploy(soon);
  expect(release).toMatchObject({ number: 4, status: 'done' });
  expect(await stage.planned(soon)).toBe('local is as the file says: nothing to change.');
});

test('killed in the middle, then taken back: all is as in the release before', async () => {
  const { releases } = await readHistory(stage.target);
  const good = file('', 'memory: 80, update: { canary: 50%, bake: 1s }');
  const bad = file('memory: 96', 'memory: 88, update: { canary: 50%, bake: 30s }');
  const { child, ended } = await deployElsewhere(bad, /api: canary/);
  child.kill('SIGKILL');
  await ended;
  expect((await readHistory(stage.target)).releases[0]?.status).toBe('interrupted');
  await stage.deploy(good, { rollbackTo: releases[0]?.number ?? 0 });
  expect(await stage.planned(good)).toBe('local is as the file says: nothing to change.');
});

test('Ctrl-C says what is done, under way and not begun, and how to go on', async () => {
  const stop = new AbortController();
  const yaml = file('memory: 128', 'memory: 128');
  const deploying = refusalOf(stage.deploy(yaml, { signal: stop.signal }));
  await until('web is rolled out', () =>
    stage.events.some((event) => /web: .*(placed|starting)/.test(event)),
  );
  stop.abort(new Error('interrupted by SIGINT'));
  const why = await deploying;
  expect(why?.code).toBe('TDM-359');
  expect(why?.evidence).toEqual(['under way, Nomad goes on by itself: web', 'not begun: api']);
  expect(why?.help.join()).toContain('./tandem deploy');
  expect((await readHistory(stage.target)).releases[0]).toMatchObject({ status: 'interrupted' });
  await stage.deploy(yaml);
  expect(await stage.planned(yaml)).toBe('local is as the file says: nothing to change.');
});

test('a lock taken by force stops the deploy that held it', async () => {
  const baking = file('memory: 128', 'memory: 64, update: { canary: 50%, bake: 40s }');
  const { ended, output } = await deployElsewhere(baking, /api: canary/);
  const lock = await Lock.acquire(stage.target, { who: 'somebody', doing: 'deploy' }, true);
  expect(await ended).not.toBe(0);
  expect(output()).toContain('TDM-351');
  await lock.release();
});
