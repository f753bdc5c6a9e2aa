import { freePorts } from '@tandem/common/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClusterError } from '../../src/cluster/cluster-error.ts';
import { Consul } from '../../src/cluster/consul.ts';
import { type Agents, startAgents } from '../support/agents.ts';

let agents: Agents;
let consul: Consul;

beforeAll(async () => {
  agents = await startAgents({ nodes: [] });
  consul = agents.consul;
});

afterAll(() => agents?.stop());

test('keys are written, listed, read and removed, only over the state that was read', async () => {
  expect(await consul.get('t/none')).toBeNull();
  expect(await consul.list('t/')).toEqual([]);
  expect(await consul.keys('t/')).toEqual([]);
  expect(await consul.put('t/a', 'one', { cas: 0 })).toBe(true);
  expect(await consul.put('t/a', 'two', { cas: 0 })).toBe(false);
  const read = await consul.get('t/a');
  expect(read?.Value).toBe('one');
  expect(await consul.put('t/a', 'ünï\n{{ }}', { cas: read?.ModifyIndex ?? -1 })).toBe(true);
  expect(await consul.put('t/b/c', '')).toBe(true);
  expect((await consul.list('t/')).map(({ Key, Value }) => [Key, Value])).toEqual([
    ['t/a', 'ünï\n{{ }}'],
    ['t/b/c', null],
  ]);
  expect(await consul.keys('t/', { separator: '/' })).toEqual(['t/a', 't/b/']);
  expect(await consul.delete('t/', { recurse: true })).toBe(true);
  expect(await consul.list('t/')).toEqual([]);
});

test('a waiting read answers when the key changes', async () => {
  await consul.put('w', '1');
  const first = await consul.get('w');
  const waiting = consul.get('w', { index: first?.ModifyIndex, waitMs: 20_000 });
  await consul.put('w', '2');
  expect((await waiting)?.Value).toBe('2');
});

test('a waiting read is aborted with the reason of the signal', async () => {
  await consul.put('w', '1');
  const first = await consul.get('w');
  const abort = new AbortController();
  const waiting = consul.get('w', { index: first?.ModifyIndex, waitMs: 20_000, signal: abort.signal });
  setImmediate(() => abort.abort(new Error('changed my mind')));
  await expect(waiting).rejects.toThrow('changed my mind');
});

test('a lock belongs to one session until that lets go', async () => {
  const mine = await consul.createSession({ name: 'mine', ttlSeconds: 30 });
  const theirs = await consul.createSession({ name: 'theirs', ttlSeconds: 30 });
  expect(await consul.put('lock', 'me', { acquire: mine })).toBe(true);
  expect(await consul.put('lock', 'them', { acquire: theirs })).toBe(false);
  expect((await consul.get('lock'))?.Session).toBe(mine);
  expect((await consul.session(mine))?.Name).toBe('mine');
  await consul.renewSession(mine);
  await consul.destroySession(mine);
  expect(await consul.put('lock', 'them', { acquire: theirs })).toBe(true);
  expect(await consul.session(mine)).toBeNull();
  await expect(consul.renewSession(mine)).rejects.toMatchObject({ status: 404 });
});

test('the registered instances of a service with their checks', async () => {
  expect(await consul.health('nobody')).toEqual([]);
  const [entry] = await consul.health('consul');
  expect(entry?.Checks[0]?.Status).toBe('passing');
  expect(Object.keys(await consul.services())).toContain('consul');
});

test('a value that is too large is refused in Consul’s words', async () => {
  const error: unknown = await consul.put('big', 'x'.repeat(600 * 1024)).catch((e) => e);
  if (!(error instanceof ClusterError)) throw error;
  expect(error.status).toBe(413);
  expect(error.diagnostics[0]?.evidence.join()).toContain('max size: 524288 bytes');
});

test('nobody listens, and a datacenter that is not joined', async () => {
  const [port] = await freePorts(1);
  const nowhere = new Consul({ address: `http://127.0.0.1:${port}`, datacenter: 'local', local: false });
  await expect(nowhere.get('a')).rejects.toMatchObject({ unreachable: true });
  const other = new Consul({ address: consul.address, datacenter: 'gcp', local: false });
  const error: unknown = await other.get('a').catch((e) => e);
  if (!(error instanceof ClusterError)) throw error;
  expect(error.diagnostics[0]?.code).toBe('TDM-304');
});
