import { ConfigError, createStaticDiscovery } from '@tandem/common';
import { contractFaults, waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userRegistered } from '../src/contracts/auth.ts';
import { roomInvited, roomUninvited } from '../src/contracts/rooms.ts';
import { notify } from '../src/service.ts';
import { credentials, type MailServer, startMailServer } from './mail-server.ts';
import { type Running, startNotify } from './support.ts';

let server: MailServer;
let running: Running;

beforeAll(async () => {
  server = await startMailServer();
  running = await startNotify({ SMTP_URL: server.url }, [200, 500, 1_000, 2_000, 4_000, 8_000, 16_000]);
}, 120_000);
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await server.stop();
});

const registered = (id: string) =>
  userRegistered({ id, name: 'Ada', email: `${id}@example.org`, registeredAt: '2026-01-01T00:00:00.000Z' });

const invited = (invitationId: string, whom: { email: string } | { userId: string }) =>
  roomInvited({
    roomId: 'room-1',
    roomName: 'Standup',
    invitationId,
    inviterId: 'ada',
    inviterName: 'Ada',
    userId: null,
    email: null,
    code: 'email' in whom ? `code-of-${invitationId}` : null,
    startsAt: null,
    minutes: null,
    ...whom,
  });

const uninvited = (invitationId: string, email: string) =>
  roomUninvited({ roomId: 'room-1', roomName: 'Standup', invitationId, userId: null, email });

const arrives = (to: string, count = 1) =>
  waitFor(`${count} mails to ${to}`, () => server.to(to).length === count && server.to(to));

/** What was published before has been handled when a mail about something later is there. */
async function everythingBeforeIsHandled(): Promise<void> {
  const id = crypto.randomUUID();
  await running.publish(registered(id));
  await arrives(`${id}@example.org`);
}

describe('who is written to', () => {
  test('whoever opens an account', async () => {
    await running.publish(registered('grace'));
    const [mail] = await arrives('grace@example.org');
    expect(mail).toMatchObject({
      from: { name: 'Tandem', address: 'noreply@tandem.example' },
      to: [{ address: 'grace@example.org' }],
      subject: 'Your Tandem account',
      messageId: expect.stringMatching(/^<[0-9a-f-]{36}@tandem\.example>$/),
    });
    expect(mail?.raw).toContain('Auto-Submitted: auto-generated');
  });

  test('whoever is invited by mail: with the code, which is in no log', async () => {
    await running.publish(invited('by-mail', { email: 'guest@example.org' }));
    const [mail] = await arrives('guest@example.org');
    expect(mail?.subject).toBe('Ada invites you to “Standup”');
    expect(mail?.text).toContain('https://tandem.example/r/room-1#code=code-of-by-mail');
    expect(running.log.text).not.toContain('code-of-by-mail');
    expect(running.log.text).not.toContain('guest@example.org');
    expect(running.log.text).not.toContain(credentials.password);
  });

  test('a user who is invited, also when the registration is heard of later', async () => {
    await running.publish(invited('by-id', { userId: 'early' }));
    await waitFor('the first attempt has failed', () => running.log.text.includes('tried again later'));
    await running.publish(registered('early'));
    const mails = await arrives('early@example.org', 2);
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Your Tandem account',
      'Ada invites you to “Standup”',
    ]);
  });

  test('whoever is invited no longer, if they were told that they are', async () => {
    await running.publish(invited('taken-back', { email: 'former@example.org' }));
    await arrives('former@example.org');
    await running.publish(uninvited('taken-back', 'former@example.org'));
    const mails = await arrives('former@example.org', 2);
    expect(mails[1]?.subject).toBe('No longer invited to “Standup”');
  });

  test('nobody about an invitation that was taken back before the mail went out', async () => {
    await running.publish(uninvited('early-back', 'nobody@example.org'));
    await everythingBeforeIsHandled();
    await running.publish(invited('early-back', { email: 'nobody@example.org' }));
    await everythingBeforeIsHandled();
    expect(server.attempts('nobody@example.org')).toBe(0);
  });
});

describe('a mail server', () => {
  test('that is down costs no mail: each arrives once when it is back', async () => {
    const addresses = Array.from({ length: 5 }, (_, at) => `patient-${at}@example.org`);
    const failures = () =>
      running.log.lines.filter(({ msg }) => msg === 'a message is tried again later').length;
    const before = failures();
    await server.stop();
    await running.publish(...addresses.map((email, at) => invited(`patient-${at}`, { email })));
    await waitFor('each has failed', () => failures() >= before + addresses.length);
    expect((await running.service.app.inject('/healthz/ready')).statusCode).toBe(200);
    await server.start();
    await Promise.all(addresses.map((address) => arrives(address)));
    await everythingBeforeIsHandled();
    expect(addresses.flatMap((address) => server.to(address))).toHaveLength(addresses.length);
    expect(await running.deadLetters()).toEqual([]);
  });

  test('that says "later" is asked again', async () => {
    server.refusals.set('greylisted@example.org', { at: 'RCPT', code: 451, times: 2 });
    await running.publish(invited('greylisted', { email: 'greylisted@example.org' }));
    await arrives('greylisted@example.org');
    expect(server.attempts('greylisted@example.org')).toBe(3);
  });

  test('that says "never" is not: the event is among the dead letters with the reason', async () => {
    server.refusals.set('unknown@example.org', { at: 'RCPT', code: 550, times: 100 });
    await running.publish(invited('unknown', { email: 'unknown@example.org' }));
    const [letter] = await waitFor('a dead letter', async () => {
      const found = await running.deadLetters();
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({ code: 'mail-refused', reason: expect.stringContaining('550') });
    expect(JSON.parse(letter?.payload ?? '')).toMatchObject({ invitationId: 'unknown' });
    expect(server.attempts('unknown@example.org')).toBe(1);
  });
});

describe('messages', () => {
  const data = {
    roomId: 'room-1',
    roomName: 'Standup',
    invitationId: 'raw',
    inviterId: 'ada',
    userId: null,
    email: 'raw@example.org',
    code: null,
    startsAt: null,
    minutes: null,
  };
  const properties = (message_id = '01980000-0000-7000-8000-000000000001') => ({
    message_id,
    type: 'room.invited',
    headers: { 'x-event-version': 1 },
  });

  test('that come twice make one mail, with an id that comes from the message', async () => {
    const message = { properties: properties(), payload: JSON.stringify(data) };
    for (let copy = 0; copy < 3; copy++) await running.publishRaw('room.invited', message);
    const [mail] = await arrives('raw@example.org');
    await everythingBeforeIsHandled();
    expect(server.to('raw@example.org')).toHaveLength(1);
    expect(mail?.messageId).toBe('<01980000-0000-7000-8000-000000000001@tandem.example>');
  });

  test('with hostile names write one mail to one address', async () => {
    const id = '01980000-0000-7000-8000-000000000002';
    const roomName = `x\r\nBcc: victim@example.org\r\n\r\n<script>${'y'.repeat(1_000_000)}`;
    const payload = JSON.stringify({
      ...data,
      email: 'hostile@example.org',
      roomName,
      inviterName: roomName,
    });
    await running.publishRaw('room.invited', { properties: properties(id), payload });
    const [mail] = await arrives('hostile@example.org');
    expect(mail?.recipients).toEqual(['hostile@example.org']);
    expect(mail?.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(mail?.html).not.toContain('<script>');
    expect(mail?.raw.length).toBeLessThan(10_000);
  });

  test.each([
    'victim@example.org, other@example.org',
    'victim@example.org\r\nRCPT TO:<other@example.org>',
    '"Victim" <victim@example.org>',
    'victim',
    `${'v'.repeat(300)}@example.org`,
    '',
  ])('to what is no address (%j) reach nobody', async (email) => {
    const payload = JSON.stringify({ ...data, email });
    const before = server.mails.length;
    await running.publishRaw('room.invited', { properties: properties(newMessageId()), payload });
    await expectDeadLetter('invalid-data');
    expect(server.mails).toHaveLength(before);
  });

  test.each([
    ['no JSON', 'not-json', '{', 1],
    ['the wrong shape', 'invalid-data', '[]', 1],
    ['nothing in them', 'not-json', '', 1],
    ['a version nobody knows', 'unknown-version', JSON.stringify(data), 2],
  ])('with %s go to the dead letters and stop nothing', async (_, code, payload, version) => {
    const odd = { ...properties(newMessageId()), headers: { 'x-event-version': version } };
    await running.publishRaw('room.invited', { properties: odd, payload });
    await expectDeadLetter(code);
    await everythingBeforeIsHandled();
  });

  async function expectDeadLetter(code: string): Promise<void> {
    const found = await waitFor('a dead letter', async () => {
      const letters = await running.deadLetters();
      return letters.length > 0 && letters;
    });
    expect(found.map((letter) => letter.code)).toEqual([code]);
  }
});

const newMessageId = () => `01980000-0000-7${crypto.randomUUID().slice(15)}`;

test('what became of the events is in the metrics', async () => {
  const { body } = await running.service.app.inject('/metrics');
  for (const outcome of ['done', 'retried', 'dead'])
    expect(body).toMatch(new RegExp(`events_handled_total\\{.*event="room\\.invited",outcome="${outcome}"`));
});

describe('a configuration', () => {
  const build = (env: Record<string, string>) =>
    notify.build({
      env: { MAIL_FROM: 'noreply@tandem.example', REDIS_URL: running.redis.url, ...env },
      discovery: createStaticDiscovery({}),
    });

  test.each([
    ['without a way for mails', { ENVIRONMENT: 'staging' }, 'SMTP_URL or VOLUME_MAILS is required'],
    ['without a sender', { MAIL_FROM: '' }, 'MAIL_FROM'],
    ['with a sender that is no address', { MAIL_FROM: 'Tandem <x@y.example>' }, 'MAIL_FROM'],
    ['with a server of another kind', { SMTP_URL: 'http://user:geheim@host' }, 'SMTP_URL'],
    ['with a public URL that has a path', { PUBLIC_URL: 'https://tandem.example/x' }, 'PUBLIC_URL'],
  ])('%s is refused, without showing a secret', async (_, env, said) => {
    const failure = await build(env).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain(said);
    expect(String(failure)).not.toContain('geheim');
  });
});

test('the contracts are those of the source', async () => {
  expect(await contractFaults(`${import.meta.dirname}/..`, notify)).toEqual([]);
});
