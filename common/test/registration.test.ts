import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltService, createConsulDiscovery, type Discovery, defineService } from '../src/index.ts';
import { createLogger } from '../src/log.ts';
import {
  collectLog,
  freePort,
  type LogLines,
  startConsul,
  type TestConsul,
  waitFor,
} from '../src/testing/index.ts';

let consul: TestConsul;
let discovery: Discovery;
const log = createLogger(
  { service: 'test', version: '', environment: '', cloud: '', allocation: undefined },
  'silent',
);
beforeAll(async () => {
  consul = await startConsul();
  discovery = createConsulDiscovery({ address: consul.url, token: undefined, log });
});
afterAll(async () => {
  discovery.close();
  await consul[Symbol.asyncDispose]();
});

/** As `npm start` runs it: no Nomad is there. */
async function start(
  name: string,
  env: Record<string, string> = {},
): Promise<BuiltService & { lines: LogLines }> {
  const lines = collectLog();
  const service = await defineService({
    name,
    description: 'For tests.',
    tokenKeys: () => ({ version: 0, find: () => undefined, refresh: async () => {} }),
    routes: () => {},
  }).build({ env: { PORT: '0', CONSUL_HTTP_ADDR: consul.url, ...env }, logOutput: lines });
  await service.listen();
  return { ...service, lines };
}

/** What the agent of a Consul knows, by id. */
async function registeredAt(url: string): Promise<Record<string, { Tags: string[]; Meta: object }>> {
  const answer = await fetch(`${url}/v1/agent/services`);
  const services: Awaited<ReturnType<typeof registeredAt>> = JSON.parse(await answer.text());
  return services;
}

const found = (name: string) => discovery.instances(name);
const isFound = (name: string) =>
  waitFor(`${name} is found`, async () => (await found(name)).find(({ passing }) => passing));
const isGone = (name: string) => waitFor(`${name} is gone`, async () => (await found(name)).length === 0);

test('an instance that no Nomad runs is found by others once it is ready, and no more when it has stopped', async () => {
  const service = await start('alone', { SERVICE_VERSION: '1.2.3' });
  const { host, port } = await isFound('alone');
  const answer = await fetch(`http://${host}:${port}/healthz/live`);
  expect(await answer.json()).toEqual({ status: 'live' });
  const [entry] = Object.values(await registeredAt(consul.url));
  expect(entry).toMatchObject({ Tags: ['stable'], Meta: { version: '1.2.3' } });
  await service.stop();
  await isGone('alone');
});

test('two instances are found beside each other', async () => {
  const services = [await start('pair'), await start('pair')];
  await waitFor(
    'both are found',
    async () => (await found('pair')).filter(({ passing }) => passing).length === 2,
  );
  await services[0]?.stop();
  await waitFor('one is left', async () => (await found('pair')).length === 1);
  await services[1]?.stop();
  await isGone('pair');
});

test('a Consul that is killed and comes back without its data is told again', async () => {
  await using other = await startConsul();
  const service = await start('told-again', { CONSUL_HTTP_ADDR: other.url });
  const isKnown = () =>
    waitFor('it is registered', async () => Object.keys(await registeredAt(other.url)).length === 1);
  await isKnown();
  await other.kill();
  await waitFor('it has noticed', () => service.lines.text.includes('Consul does not answer'));
  expect((await service.app.inject('/healthz/live')).statusCode).toBe(200);
  await other.start();
  await isKnown();
  await service.stop();
});

test('without a Consul it works, and stops', async () => {
  const service = await start('nowhere', { CONSUL_HTTP_ADDR: `http://127.0.0.1:${await freePort()}` });
  await waitFor('it says so', () => service.lines.text.includes('Consul does not answer'));
  expect((await service.app.inject('/healthz/ready')).statusCode).toBe(200);
  await service.stop();
});

test.each([
  ['Nomad registers it', { NOMAD_ALLOC_ID: 'f0e1' }],
  ['it is told not to', { CONSUL_REGISTER: 'false' }],
])('does not register where %s', async (_what, env) => {
  const quiet = await start('quiet', env);
  const marker = await start('marker');
  await isFound('marker');
  const ids = Object.keys(await registeredAt(consul.url));
  expect(ids.filter((id) => id.startsWith('quiet'))).toEqual([]);
  await Promise.all([quiet.stop(), marker.stop()]);
});
