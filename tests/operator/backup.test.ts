import { rm } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from '../support/edge.ts';
import { root, stack, start, tandem, tandemJson } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** Real data through the edge: accounts in auth, rooms in rooms. Backed up, destroyed, restored. */

const into = `${root}/.tandem/backup-test`;
const services = ['auth', 'rooms'];
const password = 'correct horse battery';

interface Person {
  email: string;
  accessToken: string;
}

let ada: Person;
let room: string;
/** Of the backup. */
let folder: string;

async function register(name: string): Promise<Person> {
  const email = `${name}-${crypto.randomUUID()}@example.org`;
  const { status, body } = await send('POST', '/api/auth/register', undefined, { name, email, password });
  expect(status, JSON.stringify(body)).toBe(201);
  return { email, accessToken: body.accessToken };
}

const logIn = async ({ email }: Person) => send('POST', '/api/auth/login', undefined, { email, password });

async function openRoom(owner: Person, name: string): Promise<string> {
  const { status, body } = await send('POST', '/api/rooms', owner.accessToken, { name });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

/** A guest of now comes into a room: auth and rooms both work, and know each other. */
async function expectGuestIn(id: string): Promise<void> {
  const guest = await send('POST', '/api/auth/guests', undefined, { name: 'Zoë' });
  expect(guest.status, JSON.stringify(guest.body)).toBe(201);
  const joined = await send('POST', `/api/rooms/${id}/join`, guest.body.accessToken);
  expect([joined.status, joined.body.role], JSON.stringify(joined.body)).toEqual([200, expect.any(String)]);
}

async function redisOf(service: string): Promise<Redis> {
  const answer = await fetch(`${stack().consul}/v1/health/service/${service}-redis?passing=true`);
  const [entry] = (await answer.json()) as { Service: { Address: string; Port: number } }[];
  if (entry === undefined) throw new Error(`no Redis of ${service}`);
  return new Redis({ host: entry.Service.Address, port: entry.Service.Port });
}

/** Starts a restore and stops it with a signal when it has stopped a service: nobody writes, nothing is swapped. */
async function interruptedRestore(signal: NodeJS.Signals, ...words: string[]) {
  const running = start('restore', folder, ...words, '--yes', '--to', into);
  await running.says(/instances of (auth|rooms) to end/);
  running.child.kill(signal);
  return running.ended;
}

beforeAll(async () => {
  ada = await register('ada');
  room = await openRoom(ada, 'Standup');
});

afterAll(async () => {
  await rm(into, { recursive: true, force: true });
  // What a failed test has left stopped would fail all others.
  await tandem(['deploy']);
});

test('a backup of services that run says what is in it, and is listed', async () => {
  const taken = await tandemJson<{
    folder: string;
    manifest: { parts: { service: string; keys: number }[] };
  }>(...['backup', ...services, '--to', into]);
  folder = taken.folder;
  expect(taken.manifest.parts.map(({ service }) => service)).toEqual(services);
  for (const { keys } of taken.manifest.parts) expect(keys).toBeGreaterThan(0);
  const listed = await tandem(['backup', '--list', '--to', into]);
  expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining('auth, rooms')]);
  const unasked = await tandem(['restore', folder, '--to', into]);
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('TDM-339')]);
});

test('Ctrl-C in the middle: when it ends everything is as before, and serves', async () => {
  const later = await openRoom(ada, 'After the backup');
  const { code, stderr } = await interruptedRestore('SIGINT', 'rooms');
  expect(code, stderr).toBe(130);
  await expectGuestIn(later);
  expect((await send('GET', `/api/rooms/${later}`, ada.accessToken)).status).toBe(200);
});

test('destroyed data is restored; killed in the middle, the same command goes on', async () => {
  for (const service of services) {
    const redis = await redisOf(service);
    await redis.flushall();
    redis.disconnect();
  }
  const stranger = await register('eve');
  expect((await logIn(ada)).status).toBe(401);

  expect((await interruptedRestore('SIGKILL')).signal).toBe('SIGKILL');
  const { code, stdout, stderr } = await until('the lock of the killed restore is free', async () => {
    const again = await tandem(['restore', folder, '--yes', '--to', into]);
    return !again.stderr.includes('TDM-350') && again;
  });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('was interrupted and had changed nothing; the service is stopped');
  expect(stdout).toContain('Restored: auth (local), rooms (local)');

  const back = await logIn(ada);
  expect(back.status, JSON.stringify(back.body)).toBe(200);
  expect((await send('GET', `/api/rooms/${room}`, back.body.accessToken)).body).toMatchObject({
    name: 'Standup',
  });
  await expectGuestIn(room);
  expect((await logIn(stranger)).status).toBe(401);
  expect((await tandem(['plan'])).stdout).toContain('nothing to change');
});
