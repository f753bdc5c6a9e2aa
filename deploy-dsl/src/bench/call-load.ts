import { type Load, type Operation, startLoad } from './load.ts';

/** What the runtime benches send: signed-in people who list rooms and ask to join one. */
export const requestsPerSecond = 250;
const connections = 16;
/** Access tokens last 15 minutes. */
const signInAgainMs = 8 * 60_000;

/**
 * Registers a person, makes a room, and sends GET and POST requests through the edge at a constant rate, with a
 * fresh access token every few minutes.
 *
 * @param edge URL of the edge
 * @throws Error when the services do not answer before the load starts
 */
export async function startCallLoad(edge: string): Promise<Load> {
  const email = `bench-${Date.now()}@tandem.example`;
  const password = 'a bench may know its own password';
  await post(edge, '/api/auth/register', { email, password, name: 'Bench' });
  const signIn = async () => {
    const answer = await post(edge, '/api/auth/login', { email, password });
    return `Bearer ${text(answer, 'accessToken')}`;
  };
  let authorization = await signIn();
  const room = text(await post(edge, '/api/rooms', { name: 'Bench' }, authorization), 'id');
  const refresh = setInterval(() => {
    signIn().then(
      (token) => {
        authorization = token;
      },
      // The old token lasts for some minutes more; the next turn tries again.
      () => undefined,
    );
  }, signInAgainMs);
  const get: Operation = {
    name: 'GET /api/rooms',
    idempotent: true,
    expect: [200],
    make: () => ({ method: 'GET', path: '/api/rooms', headers: { authorization } }),
  };
  const join: Operation = {
    name: 'POST /api/rooms/:id/join',
    idempotent: false,
    expect: [200, 201],
    make: () => ({
      method: 'POST',
      path: `/api/rooms/${room}/join`,
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    }),
  };
  const load = startLoad({
    origin: edge,
    requestsPerSecond,
    connections,
    operations: [get, get, get, join],
  });
  return {
    get sent() {
      return load.sent;
    },
    get failed() {
      return load.failed;
    },
    stop() {
      clearInterval(refresh);
      return load.stop();
    },
  };
}

async function post(edge: string, path: string, body: unknown, authorization?: string): Promise<unknown> {
  const response = await fetch(`${edge}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`POST ${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}

function text(answer: unknown, key: string): string {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, key) : undefined;
  if (typeof value !== 'string') throw new Error(`the answer has no "${key}"`);
  return value;
}
