import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  type LogLines,
  type Method,
  send,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  waitFor,
} from '@tandem/common/testing';
import { createParser } from 'eventsource-parser';
import type { Message } from '../src/schemas.ts';
import { chat } from '../src/service.ts';

export interface Running {
  /** One of them answers `send`, the other one tells `listen`: what one does, all know. */
  services: BuiltService[];
  redis: TestRedis;
  /** Stands in for rooms. */
  rooms: TokenIssuer;
  log: LogLines;
  /** An Authorization header. */
  grant(user: string, claims?: Record<string, unknown>, options?: object): string;
  send(method: Method, path: string, authorization?: string, body?: unknown): Promise<Answer>;
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
      const { status } = await send(service, 'GET', '/api/chat/messages', { authorization: grant('x') });
      return status === 200;
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
  const sendTo: Running['send'] = (method, path, authorization, body) =>
    send(first.service, method, path, { authorization, body });
  return {
    ...{ services: [first.service, second.service], redis, rooms, log, grant, send: sendTo },
    write: (user, text, id = newId(), claims = {}) =>
      sendTo('POST', '/api/chat/messages', grant(user, claims), { id, text }),
    async listen(authorization, after) {
      const messages: Message[] = [];
      const headers = {
        authorization,
        accept: 'text/event-stream',
        ...(after === undefined ? {} : { 'last-event-id': after }),
      };
      // A connection of its own, which ends with the stream.
      const request = get(`${second.url}/api/chat/events`, { headers, agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      if (response.statusCode !== 200) throw new Error(`no events: ${response.statusCode}`);
      const parser = createParser({ onEvent: ({ data }) => messages.push(JSON.parse(data)) });
      response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
      // It is broken off below.
      response.on('error', () => undefined);
      const ended = new Promise<void>((resolve) => response.once('end', resolve));
      return { messages, ended, [Symbol.dispose]: () => request.destroy() };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first, second].map(({ service }) => service.stop()));
      await rooms.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}
