import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { freePorts } from '@tandem/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Rabbitmq } from '../../src/cluster/rabbitmq.ts';
import type { Topology } from '../../src/compile/compiled.ts';
import { topologyOf } from '../../src/compile/topology.ts';
import { explain } from '../../src/deploy/explain.ts';
import { addTopology, QueuesHeld, removeTopology } from '../../src/deploy/topology.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { loadSource } from '../../src/language/load.ts';
import { planTopology } from '../../src/plan/topology-plan.ts';
import { type RabbitmqServer, startRabbitmq } from '../support/rabbitmq.ts';
import { until } from '../support/until.ts';

let server: RabbitmqServer;
beforeAll(async () => {
  server = await startRabbitmq();
});
afterAll(() => server?.stop());
afterEach(async () => {
  for (const { name } of await server.client.queues()) await server.client.deleteQueue(name);
  for (const { name } of await server.client.exchanges()) await server.client.deleteExchange(name);
});

const yaml = (consumes: string) => `tandem: 1
rabbitmq: { memory: 256 }
services:
  users: { publishes: [user.registered, user.renamed] }
  mail:
    consumes:
      - ${consumes}
`;
const mail = yaml('{ events: [user.registered], queue: mail, retries: [1s, 5m] }');
const nobody = 'tandem: 1\nservices:\n  users: { publishes: [user.registered] }\n';

function load(text: string) {
  const { model, origins } = loadSource(text, { file: 'services.yml', environment: 'local' });
  return { model, origins, topology: topologyOf(model) };
}

const { signal } = new AbortController();

/** As a deploy does it: what is missing first, what is too much last. */
async function deploy(topology: Topology): Promise<string[]> {
  const plan = await planTopology(topology, server.client);
  await addTopology(plan, server.client, signal);
  return removeTopology(plan, server.client, { signal, pollMs: 50, patienceMs: 10_000 });
}
const words = async (topology: Topology) =>
  (await planTopology(topology, server.client)).changes.map((change) => change.words);
const names = async () => (await server.client.queues()).map(({ name }) => name).sort();

describe('exchange, queues and bindings', () => {
  test('are declared, and a second time nothing is left to do', async () => {
    const { topology } = load(mail);
    expect(await words(topology)).toEqual([
      'exchange events added',
      'queue mail.mail added (user.registered)',
    ]);
    await deploy(topology);
    expect(await words(topology)).toEqual([]);
    expect(await names()).toEqual([
      'mail.mail',
      'mail.mail.dead',
      'mail.mail.retry.1s',
      'mail.mail.retry.5m',
    ]);
    expect(await server.publish('events', 'user.registered', 'hello')).toBe(true);
    expect(await server.publish('events', 'user.renamed', 'nobody listens')).toBe(false);
    // Each declaration alone, too: what a deploy that was cut off left half done is gone over again.
    const again = { changes: [], add: topology, remove: { exchanges: [], queues: [], bindings: [] } };
    await addTopology({ ...again, fixed: [], blocked: [] }, server.client, signal);
    expect(await server.drain('mail.mail')).toEqual(['hello']);
  });

  test('of a company of twelve services are all taken, and an event reaches everybody who wants it', async () => {
    const path = join(import.meta.dirname, '../../../examples/company/services.yml');
    const source = readFileSync(path, 'utf8');
    const { model } = loadSource(source, { file: 'services.yml', environment: 'production' });
    const topology = topologyOf(model);
    await deploy(topology);
    expect(await words(topology)).toEqual([]);
    expect(await names()).toEqual(topology.queues.map(({ name }) => name).sort());
    expect(await server.publish('events', 'order.paid', 'paid')).toBe(true);
    for (const queue of ['shipping.labels', 'mail.events'])
      expect(await server.drain(queue)).toEqual(['paid']);
    expect(await server.drain('orders.payments')).toEqual([]);
  });

  test('another event and another wait change what is there, and lose no message', async () => {
    await deploy(load(mail).topology);
    await server.publish('events', 'user.registered', 'kept');
    const other = load(yaml('{ events: [user.renamed], queue: mail, retries: [1s, 10m] }')).topology;
    expect(await words(other)).toEqual([
      'queue mail.mail.retry.10m added',
      'queue mail.mail also takes user.renamed',
      'queue mail.mail takes user.registered no more',
      'queue mail.mail.retry.5m removed',
    ]);
    expect(await deploy(other)).toEqual([]);
    expect(await words(other)).toEqual([]);
    expect(await server.publish('events', 'user.registered', 'too late')).toBe(false);
    expect(await server.drain('mail.mail')).toEqual(['kept']);
  });
});

describe('a setting that RabbitMQ never changes', () => {
  test('is said in the plan with both values, at the line of the queue', async () => {
    const { topology, model, origins } = load(mail);
    const settings = { ...topology.queues[0]?.arguments, 'x-delivery-limit': 5 };
    await server.client.declareQueue('mail.mail', settings);
    const plan = await planTopology(topology, server.client);
    expect(plan.changes.map((change) => change.words)).toContain(
      'queue mail.mail: x-delivery-limit is 5, not 20, and stays so',
    );
    expect(plan.fixed).toMatchObject([{ what: 'queue', name: 'mail.mail', live: '5', wanted: '20' }]);
    expect(origins.locate(plan.fixed[0]?.origin ?? [])?.start).toEqual({ line: 7, column: 9 });

    // Made by somebody else after the plan was: RabbitMQ's own refusal points there, too.
    const unaware = { ...plan, add: topology };
    const refusal: unknown = await addTopology(unaware, server.client, signal).catch((error) => error);
    const [said] = await explain(refusal, model, origins);
    expect(said).toMatchObject({ code: 'TDM-323', title: 'RabbitMQ refused the queue mail.mail' });
    expect(said?.range?.start).toEqual({ line: 7, column: 9 });
    expect(said?.caption).toContain("inequivalent arg 'x-delivery-limit' for queue 'mail.mail'");
    expect(said?.help.join()).toContain('cannot be changed in place');
  });

  test('an exchange of another type is noticed', async () => {
    await server.client.declareExchange('events', 'fanout');
    const { fixed } = await planTopology(load(mail).topology, server.client);
    expect(fixed).toMatchObject([{ what: 'exchange', setting: 'type', live: 'fanout', wanted: 'topic' }]);
  });
});

describe('a queue that the file names no more', () => {
  test('goes with its waits and dead letters when all are empty', async () => {
    await deploy(load(mail).topology);
    const { topology } = load(nobody);
    expect(await words(topology)).toEqual(['queue mail.mail removed']);
    expect(await deploy(topology)).toEqual([]);
    expect(await names()).toEqual([]);
    expect(await words(topology)).toEqual([]);
  });

  test('blocks the plan while it, or one of its dead letters, holds messages', async () => {
    await deploy(load(mail).topology);
    await server.publish('', 'mail.mail.dead', 'look at me');
    await server.count('mail.mail.dead', 1);
    const { blocked } = await planTopology(load(nobody).topology, server.client);
    expect(blocked).toEqual([{ queue: 'mail.mail.dead', messages: 1 }]);
  });

  test('that got a message after the plan gets no more, stays, and is told', async () => {
    await deploy(load(mail).topology);
    const plan = await planTopology(load(nobody).topology, server.client);
    expect(plan.blocked).toEqual([]);
    await server.publish('events', 'user.registered', 'just in time');
    const kept = await removeTopology(plan, server.client, { signal, pollMs: 50, patienceMs: 500 });
    expect(kept).toEqual(['mail.mail', 'mail.mail.dead']);
    expect(await server.publish('events', 'user.registered', 'too late')).toBe(false);
    expect(await server.drain('mail.mail')).toEqual(['just in time']);
    // Once it is empty, the next deploy removes it.
    expect(await deploy(load(nobody).topology)).toEqual([]);
    expect(await names()).toEqual([]);
  });
});

describe('RabbitMQ', () => {
  const clientOf = (address: string, password = 'guest') =>
    new Rabbitmq({ address, user: 'guest', password, local: false });

  test('that is not there', async () => {
    const [port] = await freePorts(1);
    await expect(
      planTopology(load(mail).topology, clientOf(`http://127.0.0.1:${port}`)),
    ).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'TDM-300',
          title: `RabbitMQ does not answer at http://127.0.0.1:${port}: nothing listens there`,
        },
      ],
    });
  });

  test('that does not know the password: the password is not shown', async () => {
    const error: unknown = await clientOf(server.address, 'hunter2')
      .ping()
      .catch((e) => e);
    if (!(error instanceof TandemError)) throw error;
    expect(error.diagnostics[0]).toMatchObject({ code: 'TDM-301' });
    expect(error.diagnostics[0]?.help.join()).toContain('the credentials in RABBITMQ_MANAGEMENT_URL');
    expect(JSON.stringify(error.diagnostics)).not.toContain('hunter2');
  });

  test('that is something else', async () => {
    const stranger = await listen((_, answer) => answer.end('<html>'));
    const failing = planTopology(load(mail).topology, clientOf(stranger.address));
    await expect(failing).rejects.toMatchObject({ diagnostics: [{ code: 'TDM-302' }] });
    await stranger.close();
  });

  test('that takes the request and is silent', async () => {
    const silent = await listen(() => undefined);
    const failing = clientOf(silent.address).ping();
    await expect(failing).rejects.toMatchObject({ diagnostics: [{ code: 'TDM-303' }] });
    await silent.close();
  });

  test('that is short of memory holds a deploy at the line that limits it, and then lets it go on', async () => {
    const { topology, model, origins } = load(mail);
    expect(await server.client.alarms()).toEqual([]);
    await server.control('set_vm_memory_high_watermark', 'absolute', '1MB');
    const plan = await planTopology(topology, server.client);
    const held: unknown = await addTopology(plan, server.client, signal).catch((error) => error);
    const [said] = await explain(held, model, origins);
    expect(said).toMatchObject({ code: 'TDM-324', caption: 'it may use 256 MiB in all' });
    expect(said?.range?.start).toEqual({ line: 2, column: 21 });
    await server.control('set_vm_memory_high_watermark', 'absolute', '400MB');
    await addTopology(plan, server.client, signal);
  });

  test('that is short of disk is said as what it is, though no line is at fault', async () => {
    const { model, origins } = load(nobody);
    await server.control('set_disk_free_limit', '900000GB');
    const alarm = await until('there is an alarm', async () => (await server.client.alarms())[0]);
    const [said] = await explain(new QueuesHeld(alarm), model, origins);
    expect(said?.title).toMatch(
      /^RabbitMQ is short of disk space \(test\d+@localhost\) and takes no messages$/,
    );
    expect(said?.range).toBeNull();
    expect(said?.help).toEqual(['free disk space on its machine: it wants 256 MB at least']);
    await server.control('set_disk_free_limit', '256MB');
  });
});

async function listen(handler: Parameters<typeof createServer>[1]) {
  const server: Server = createServer(handler);
  const [port = 0] = await freePorts(1);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { address: `http://127.0.0.1:${port}`, close };
}
