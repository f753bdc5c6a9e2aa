import { once } from 'node:events';
import { type BuiltService, createStaticDiscovery, type Instance } from '@tandem/common';
import {
  collectLog,
  createTokenIssuer,
  type LogLines,
  startRedis,
  type TestRedis,
  type TokenIssuer,
  waitFor,
} from '@tandem/common/testing';
import { WebSocket } from 'ws';
import { type Participant, PROTOCOL_VERSION, type ServerFrame } from '../src/protocol/index.ts';
import { signal } from '../src/service.ts';

type Of<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

/** Somebody's client, as far as signalling goes. */
export interface Client {
  /** Everything that came, but beats. */
  readonly frames: ServerFrame[];
  readonly socket: WebSocket;
  send(frame: unknown): void;
  /** The first frame of a type that was not waited for before. */
  next<Type extends ServerFrame['type']>(type: Type, fits?: (frame: Of<Type>) => boolean): Promise<Of<Type>>;
  /** Sends a request and gives the answer. */
  call(method: string, params?: object): Promise<Of<'answer'>>;
  closed(): Promise<number>;
  [Symbol.dispose](): void;
}

export interface Stage {
  redis: TestRedis;
  rooms: TokenIssuer;
  log: LogLines;
  /** Another instance of the service, beside those there are. */
  start(env?: Record<string, string>): Promise<{ service: BuiltService; url: string }>;
  grant(user: string, claims?: Record<string, unknown>): string;
  connect(url: string): Promise<Client>;
  /** Connects and begins a session. */
  enter(
    url: string,
    user: string,
    claims?: Record<string, unknown>,
  ): Promise<Client & { welcome: Of<'welcome'> }>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Any number of instances beside a Redis; `media` are the media servers that they find. */
export async function setStage(media: Instance[] = []): Promise<Stage> {
  const [redis, rooms, log] = [await startRedis(), createTokenIssuer('rooms'), collectLog()];
  await rooms.listen();
  const services: BuiltService[] = [];
  const clients: Client[] = [];
  const grant: Stage['grant'] = (user, claims = {}) =>
    rooms.token(
      user,
      {
        room: 'r1',
        role: 'participant',
        permissions: ['receive', 'send'],
        name: `Name of ${user}`,
        ...claims,
      },
      { type: 'grant+jwt', audience: 'tandem/call' },
    );
  const connect = async (url: string) => {
    const client = await openClient(url);
    clients.push(client);
    return client;
  };
  return {
    redis,
    rooms,
    log,
    grant,
    connect,
    async start(env = {}) {
      const service = await signal.build({
        env: { REDIS_URL: redis.url, LOG_LEVEL: 'info', HOST: '127.0.0.1', PORT: '0', ...env },
        discovery: createStaticDiscovery({ rooms: rooms.instances, media }),
        logOutput: log,
      });
      services.push(service);
      const url = await service.listen();
      await waitFor('it is ready', async () => (await fetch(`${url}/healthz/ready`)).ok || null);
      return { service, url };
    },
    async enter(url, user, claims) {
      const client = await connect(url);
      client.send({ type: 'hello', version: PROTOCOL_VERSION, grant: grant(user, claims) });
      return Object.assign(client, { welcome: await client.next('welcome') });
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]();
      await Promise.all(services.map((service) => service.stop()));
      await rooms.close();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function openClient(url: string): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/signal`);
  const frames: ServerFrame[] = [];
  const waiting = new Set<() => void>();
  const taken = new Set<ServerFrame>();
  let code: number | null = null;
  let lastId = 0;
  socket.on('message', (data) => {
    const frame: ServerFrame = JSON.parse(data.toString());
    if (frame.type === 'beat') return;
    frames.push(frame);
    for (const look of waiting) look();
  });
  socket.on('close', (closeCode) => {
    code = closeCode;
    for (const look of waiting) look();
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');

  const client: Client = {
    frames,
    socket,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next(type, fits = () => true) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = frames.find(
            (frame): frame is Of<typeof type> =>
              frame.type === type && !taken.has(frame) && fits(frame as Of<typeof type>),
          );
          if (found === undefined && code === null) return;
          clearTimeout(timer);
          waiting.delete(look);
          if (found === undefined) reject(new Error(`closed with ${code} before ${type} came`));
          else {
            taken.add(found);
            resolve(found);
          }
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${type} came; ${JSON.stringify(frames)}`));
        }, 30_000);
        waiting.add(look);
        look();
      });
    },
    call(method, params = {}) {
      const id = ++lastId;
      client.send({ type: 'request', id, method, params });
      return client.next('answer', (answer) => answer.id === id);
    },
    async closed() {
      if (code === null) await once(socket, 'close');
      return code ?? 0;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
  return client;
}

/** An event of the room, as `next('event', …)` looks for it. */
export const happened =
  (type: string, fits: (event: Extract<Of<'event'>, { from: 'room' }>['event']) => boolean = () => true) =>
  (frame: Of<'event'>) =>
    frame.from === 'room' && frame.event.type === type && fits(frame.event);

export const namesOf = (participants: readonly Participant[]) => participants.map(({ user }) => user).sort();
