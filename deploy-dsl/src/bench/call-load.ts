import { setTimeout as sleep } from 'node:timers/promises';
import { TandemError } from '../language/diagnostic.ts';
import { benchTooBusy } from '../language/errors/local.ts';
import { type Load, type Prepared, startLoad } from './load.ts';

/** What the runtime benches send: a signed-in person who lists, makes, joins and deletes rooms. */
export const requestsPerSecond = 250;
/** Of load before anything is done to the stack: shows whether the machine can carry it. */
const rehearsalMs = 5_000;
const tooSlowMs = 250;
/** Access tokens last 15 minutes. */
const signInAgainMs = 8 * 60_000;

/**
 * Registers a person, makes a room, and sends requests through the edge at a constant rate, with a fresh access token
 * every few minutes: of eight requests five are GET, one is a POST with an Idempotency-Key (make a room), one a POST
 * without (join a room), one a DELETE (of a room made before). At the end all rooms are gone again.
 *
 * @param edge URL of the edge
 * @throws TandemError when the machine cannot carry the load; Error when the services do not answer before it starts
 */
export async function startCallLoad(edge: string, signal: AbortSignal): Promise<Load> {
  const email = `bench-${Date.now()}@tandem.example`;
  const password = 'a bench may know its own password';
  await ask(edge, 'POST', '/api/auth/register', { body: { email, password, name: 'Bench' } });
  const signIn = async () => {
    const answer = await ask(edge, 'POST', '/api/auth/login', { body: { email, password } });
    return `Bearer ${text(answer, 'accessToken')}`;
  };
  let authorization = await signIn();
  const room = text(await ask(edge, 'POST', '/api/rooms', { body: { name: 'Bench' }, authorization }), 'id');
  const refresh = setInterval(() => {
    signIn().then(
      (token) => {
        authorization = token;
      },
      // The old token lasts for some minutes more; the next turn tries again.
      () => undefined,
    );
  }, signInAgainMs);

  const made: string[] = [];
  let turn = 0;
  const json = () => ({ authorization, 'content-type': 'application/json' });
  const list = (): Prepared => ({
    name: 'GET /api/rooms',
    repeatable: 'by method',
    expect: [200],
    method: 'GET',
    path: '/api/rooms',
    headers: { authorization },
  });
  const look = (): Prepared => ({ ...list(), name: 'GET /api/rooms/:id', path: `/api/rooms/${room}` });
  const join = (): Prepared => ({
    name: 'POST /api/rooms/:id/join',
    repeatable: 'never',
    expect: [200],
    method: 'POST',
    path: `/api/rooms/${room}/join`,
    headers: json(),
    body: '{}',
  });
  const make = (): Prepared => ({
    name: 'POST /api/rooms with a key',
    repeatable: 'by key',
    expect: [201],
    method: 'POST',
    path: '/api/rooms',
    headers: { ...json(), 'idempotency-key': crypto.randomUUID() },
    body: '{"name":"Bench"}',
    onSuccess: (body) => made.push(text(JSON.parse(body), 'id')),
  });
  const remove = (): Prepared => {
    const id = made.shift();
    if (id === undefined) return look();
    return {
      name: 'DELETE /api/rooms/:id',
      repeatable: 'by method',
      // Repeated after an instance died, the first attempt may have done it.
      expect: [204, 404],
      method: 'DELETE',
      path: `/api/rooms/${id}`,
      headers: { authorization },
    };
  };
  const mixture = [list, join, look, make, list, remove, look, look];

  const load = startLoad({
    origin: edge,
    requestsPerSecond,
    next: () => (mixture[turn++ % mixture.length] ?? list)(),
  });
  const stop = async () => {
    clearInterval(refresh);
    const result = await load.stop();
    for (const id of [...made, room]) await ask(edge, 'DELETE', `/api/rooms/${id}`, { authorization });
    return result;
  };
  try {
    await sleep(rehearsalMs, undefined, { signal });
    if (load.failed > 0 || load.medianMs > tooSlowMs) {
      throw new TandemError([benchTooBusy(requestsPerSecond, Math.round(load.medianMs), load.failed)]);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get sent() {
      return load.sent;
    },
    get failed() {
      return load.failed;
    },
    get medianMs() {
      return load.medianMs;
    },
    stop,
  };
}

async function ask(
  edge: string,
  method: string,
  path: string,
  { body, authorization }: { body?: unknown; authorization?: string },
): Promise<unknown> {
  const response = await fetch(`${edge}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${answer}`);
  return answer === '' ? null : JSON.parse(answer);
}

function text(answer: unknown, key: string): string {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, key) : undefined;
  if (typeof value !== 'string') throw new Error(`the answer has no "${key}"`);
  return value;
}
