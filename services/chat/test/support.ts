import { randomBytes } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  collectLog,
  createTokenIssuer,
  type LogLines,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  waitFor,
} from '@tandem/common/testing';
import { createParser } from 'eventsource-parser';
import type { Message } from '../src/schemas.ts';
import { chat } from '../src/service.ts';

export interface Answer {
  status: number;
  /** `code` of a problem; undefined for a success. */
  code: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  body: any;
}

export interface Running {
  /** One of them answers `send`, the other one tells `listen`: what one does, all know. */
  services: BuiltService[];
  redis: TestRedis;
  /** Stands in for rooms. */
  rooms: TokenIssuer;
  log: LogLines;
  /** An Authorization header. */
  grant(user: string, claims?: Record<string, unknown>, options?: object): string;
  send(method: 'GET' | 'POST' | 'PUT', path: string, authorization?: string, body?: unknown): Promise<Answer>;
  write(user: string, text: string, id?: string, claims?: Record<string, unknown>): Promise<Answer>;
  /** Reads the events of a room until it is disposed of. */
  listen(authorization: string, after?: string): Promise<Listener>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Listener extends Disposable {
  readonly messages: Message[];
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
}

export const ROOM = 'r'.repeat(22);
export const newId = (): string => randomBytes(16).toString('base64url');

/** Two instances beside a Redis and a stand-in for rooms. */
export async function startChat(env: Record<string, string> = {}): Promise<Running> {
  const [redis, rooms, log] = [await startRedis(), createTokenIssuer('rooms'), collectLog()];
  await rooms.listen();
  const start = async () => {
    const service = await chat.build({
      env: {
        REDIS_URL: redis.url,
        // Nobody listens there, unless a test has one.
        RABBITMQ_URL: 'amqp://127.0.0.1:1',
        QUEUES: JSON.stringify([
          { queue: 'chat', events: ['room.closed'], prefetch: 10, retries: [], dead: 'chat.dead' },
        ]),
        HOST: '127.0.0.1',
        PORT: '0',
        ...env,
      },
      logOutput: log,
      discovery: createStaticDiscovery({ rooms: rooms.instances }),
    });
    const url = await service.listen();
    await waitFor('chat knows the keys', async () => {
      const { body } = await service.app.inject({
        url: '/api/chat/messages',
        headers: { authorization: grant('x') },
      });
      return body.includes('messages') || null;
    });
    return { service, url };
  };
  const grant: Running['grant'] = (user, claims = {}, options = {}) =>
    `Bearer ${rooms.token(
      user,
      { room: ROOM, permissions: ['receive', 'chat'], name: `Name of ${user}`, ...claims },
      { type: 'grant+jwt', audience: 'tandem/call', lifetimeS: 120, ...options },
    )}`;
  const [first, second] = [await start(), await start()];
  const send: Running['send'] = async (method, path, authorization, body) => {
    const answer = await first.service.app.inject({
      method,
      url: path,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    const json = answer.body === '' ? undefined : answer.json();
    return { status: answer.statusCode, code: answer.statusCode >= 400 ? json.code : undefined, body: json };
  };
  return {
    ...{ services: [first.service, second.service], redis, rooms, log, grant, send },
    write: (user, text, id = newId(), claims = {}) =>
      send('POST', '/api/chat/messages', grant(user, claims), { id, text }),
    async listen(authorization, after) {
      const end = new AbortController();
      const messages: Message[] = [];
      const response = await fetch(`${second.url}/api/chat/events`, {
        headers: {
          authorization,
          accept: 'text/event-stream',
          ...(after === undefined ? {} : { 'last-event-id': after }),
        },
        signal: end.signal,
      });
      if (response.body === null || !response.ok) throw new Error(`no events: ${response.status}`);
      const parser = createParser({ onEvent: ({ data }) => messages.push(JSON.parse(data)) });
      const { body } = response;
      const ended = (async () => {
        for await (const text of body.pipeThrough(new TextDecoderStream())) parser.feed(text);
      })().catch((error: unknown) => {
        if (!end.signal.aborted) throw error;
      });
      return { messages, ended, [Symbol.dispose]: () => end.abort() };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first, second].map(({ service }) => service.stop()));
      await rooms.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}
