import { expect, test } from 'vitest';
import { send } from '../support/edge.ts';
import { stack, tandem, tandemJson } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** Messages that search could not handle: how an operator finds out why, sends them back, or throws them away. */

interface Letter {
  id: string;
  event: string;
  code: string;
  reason: string;
  replays: number;
}

/** Puts a message where a publisher, or a consumer that gives it up, would. */
async function put(
  exchange: string,
  routingKey: string,
  body: string,
  headers: object = {},
): Promise<string> {
  const { management, user, password } = stack().rabbitmq;
  const id = crypto.randomUUID().replace(/^(.{14})./, '$17');
  const answer = await fetch(`${management}/api/exchanges/%2F/${exchange}/publish`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${user}:${password}`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      properties: {
        message_id: id,
        type: 'user.registered',
        app_id: 'auth',
        delivery_mode: 2,
        headers: { 'x-event-version': 1, 'x-sequence': '1-0', ...headers },
      },
      routing_key: routingKey,
      payload: body,
      payload_encoding: 'string',
    }),
  });
  expect(await answer.json()).toEqual({ routed: true });
  return id;
}

const letters = async () => (await tandemJson<{ letters: Letter[] }>('queues', 'inspect', 'search')).letters;
const letter = async (id: string) => (await letters()).find((each) => each.id === id);

test('a poisoned event is a dead letter with its reason: looked at, replayed in vain, discarded', async () => {
  const poison = '{"id":"p1","email":"p@example.org","registeredAt":"2026-11-21T14:00:00Z"}';
  const id = await put('amq.default', 'search.events', poison);
  const dead = await until('a dead letter', () => letter(id));
  expect(dead).toMatchObject({ event: 'user.registered', code: 'invalid-data', replays: 0 });
  expect(dead.reason).toContain('name');

  const shown = await tandem(['queues', 'inspect', 'search.events', id]);
  expect(shown.code, shown.stderr).toBe(0);
  for (const said of [id, 'invalid-data', dead.reason, '"email": "p@example.org"']) {
    expect(shown.stdout).toContain(said);
  }
  await until('RabbitMQ has counted it', async () => {
    const { code, stdout } = await tandem(['queues']);
    return code === 1 && stdout.includes('search.events: 1 dead letter');
  });

  const replayed = await tandem(['queues', 'replay', 'search', id]);
  expect([replayed.code, replayed.stdout]).toEqual([0, expect.stringContaining('1 message is back')]);
  await until('it failed again', async () => (await letter(id))?.replays === 1);

  const refused = await tandem(['queues', 'discard', 'search', id]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('TDM-339')]);
  expect((await tandem(['queues', 'discard', 'search', id, '--yes'])).code).toBe(0);
  expect(await letter(id)).toBeUndefined();
  expect((await tandem(['queues', 'inspect', 'search', id])).code).toBe(2);
});

test('after the repair all are replayed, and what they tell is known', async () => {
  const ada = {
    name: 'ada',
    email: `ada-${crypto.randomUUID()}@example.org`,
    password: 'correct horse battery',
  };
  const { accessToken } = (await send('POST', '/api/auth/register', undefined, ada)).body;
  const name = `Replayed ${crypto.randomUUID().slice(0, 8)}`;
  const body = {
    id: crypto.randomUUID(),
    name,
    email: 'r@example.org',
    registeredAt: '2026-11-21T14:00:00Z',
  };
  const failure = { 'x-attempt': 5, 'x-error-code': 'handler-failed', 'x-error': 'Error: full' };
  await put('amq.default', 'search.events.dead', JSON.stringify(body), failure);

  const { code, stdout } = await tandem(['queues', 'replay', 'search', '--all']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('back in search.events')]);
  const found = await until('search knows the person', async () => {
    const path = `/api/search?q=${encodeURIComponent(name)}`;
    const { results } = (await send('GET', path, accessToken)).body;
    return results.length > 0 && results;
  });
  expect(found[0]).toMatchObject({ name });
  expect(await letters()).toEqual([]);
});

test('a wrong name, a missing id and a typo say what to do', async () => {
  for (const [words, said] of [
    [['inspect', 'serch.events'], 'did you mean "search.events"'],
    [['inspect', 'search', 'no-such-id'], 'no dead letter of search.events'],
    [['replay', 'search'], 'or --all'],
    [['discard'], './tandem queues discard QUEUE'],
    [['inspect', 'search', '--limit', '0'], 'a number from 1'],
  ] as const) {
    const { code, stderr } = await tandem(['queues', ...words]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  }
});
