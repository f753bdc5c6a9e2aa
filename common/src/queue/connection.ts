import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';
import type { Secret } from '../config/secret.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { gatherWrites } from '../gather-writes.ts';
import type { Logger } from '../log.ts';
import { UnavailableError } from '../unavailable.ts';
import { pauseMs, withSignal } from './waiting.ts';

/** Where RabbitMQ is: a fixed address, or a service of Consul that is looked up at every connect. */
export type BrokerAddress = { url: string } | { service: string; discovery: Discovery };

export interface BrokerOptions {
  address: BrokerAddress;
  user: string;
  password: Secret | undefined;
  /** Shown in RabbitMQ's list of connections. */
  name: string;
  log: Logger;
}

/** A connection to RabbitMQ that comes back by itself. */
export interface BrokerConnection {
  readonly connected: boolean;
  /** Why RabbitMQ does not let us in, which waiting does not cure; null when it does, or when it is away. */
  readonly refusal: string | null;
  /**
   * The connection, as soon as there is one.
   * @throws the reason of the signal
   */
  wait(signal: AbortSignal): Promise<ChannelModel>;
  close(): Promise<void>;
}

/** One that died without a word is noticed after twice this. Seconds. */
const HEARTBEAT_S = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const GOODBYE_MS = 2_000;

/** Replies of a RabbitMQ that is there and says no. */
const REFUSED = /ACCESS_REFUSED|403|vhost .* not found|NOT_ALLOWED/i;

/** Keeps one connection, until `close`, with growing pauses between the attempts. */
export function connectBroker({ address, user, password, name, log }: BrokerOptions): BrokerConnection {
  const ended = new AbortController();
  let current = Promise.withResolvers<ChannelModel>();
  let model: ChannelModel | null = null;
  let refusal: string | null = null;
  let attempt = 0;

  async function open(): Promise<ChannelModel> {
    const url = new URL(await locate(address, attempt));
    url.searchParams.set('heartbeat', String(HEARTBEAT_S));
    if (password !== undefined) {
      url.username = encodeURIComponent(user);
      url.password = encodeURIComponent(password.reveal());
    }
    return connect(url.href, {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: name },
    });
  }

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        const opened = await open();
        const closed = closing(opened);
        gatherWrites(opened.connection);
        if (ended.signal.aborted) {
          await opened.close().catch(() => {});
          return;
        }
        if (attempt > 0) log.info('RabbitMQ is back');
        attempt = 0;
        refusal = null;
        model = opened;
        current.resolve(opened);
        const reason = await closed;
        model = null;
        current = Promise.withResolvers();
        if (!ended.signal.aborted) log.warn({ reason }, 'RabbitMQ is away');
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        refusal = REFUSED.test(reason) ? reason : null;
        if (attempt === 0) log.warn({ reason }, 'RabbitMQ cannot be reached');
      }
      attempt++;
      await sleep(pauseMs(attempt), undefined, { signal: ended.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    get connected() {
      return model !== null;
    },
    get refusal() {
      return refusal;
    },
    wait(signal) {
      return withSignal(current.promise, signal);
    },
    async close() {
      ended.abort(new UnavailableError('rabbitmq', 'the connection was closed'));
      model?.close().catch(() => {});
      // A RabbitMQ that hangs does not say goodbye.
      await Promise.race([running, sleep(GOODBYE_MS, undefined, { ref: false })]);
    },
  };
}

/** Consul's opinion of a RabbitMQ that has just come back is seconds old, so all instances are tried in turn. */
async function locate(address: BrokerAddress, attempt: number): Promise<string> {
  if ('url' in address) return address.url;
  const instances = await address.discovery.instances(address.service);
  const instance = instances[attempt % Math.max(instances.length, 1)];
  if (instance === undefined) throw new UnavailableError(address.service, 'it is not registered');
  return `amqp://${instance.host}:${instance.port}`;
}

/** Resolves with the reason when the connection ends, and takes care that no error goes unheard. */
function closing(model: ChannelModel): Promise<string> {
  return new Promise((resolve) => {
    let reason = 'the connection was closed';
    model.on('error', (error) => {
      reason = error.message;
    });
    model.on('close', () => resolve(reason));
  });
}
