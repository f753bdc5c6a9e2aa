import { connect, Socket } from 'node:net';
import { AbstractConnector, type Command, Redis } from 'ioredis';
import type { Secret } from '../config/secret.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { gatherWrites } from '../gather-writes.ts';
import type { Logger } from '../log.ts';
import { UnavailableError } from '../unavailable.ts';

export type { Redis };

/** Where the Redis is: a fixed address, or a service of Consul that is looked up at every connect. */
export type RedisAddress = { url: string } | { service: string; discovery: Discovery };

export interface RedisOptions {
  address: RedisAddress;
  password: Secret | undefined;
  /** Shown in CLIENT LIST. */
  clientName: string;
  log: Logger;
}

/** A command that takes longer than this hangs: the caller gets 503 rather than waiting. */
const COMMAND_TIMEOUT_MS = 2_000;

/** Nothing came on a connection with commands under way: it is dead, though nobody said so. Look it up again. */
const DEAD_AFTER_MS = 4_000;

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 1_000;

/** Replies of a Redis that is there but cannot do its work now. */
const NOT_NOW = /^(LOADING|BUSY|MASTERDOWN|READONLY|MISCONF|OOM|CLUSTERDOWN|TRYAGAIN)\b/;

/** Failures of the connection rather than of a command; ioredis has no type of its own for them. */
const NO_CONNECTION =
  /Connection is closed|aborted due to connection close|Stream isn't writeable|Command timed out|Socket timeout|max retries per request|ECONN|EPIPE|ETIMEDOUT|EHOST|ENOTFOUND/;

/**
 * A connection that comes back by itself and never makes a request wait for it: while Redis is away, commands fail at
 * once with `UnavailableError`. A command whose reply was lost is not sent again, because it may have been executed.
 * Subscriptions end with the connection: whoever subscribes does so at every `ready`.
 */
export function createRedis({ address, password, clientName, log }: RedisOptions): Redis {
  const redis = new FailFastRedis({
    ...('url' in address
      ? fromUrl(address.url)
      : { Connector: connectorOf(address.service, address.discovery) }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    connectionName: clientName,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // ioredis would not wait for its own subscribing: when the connection ends then, its rejection is nobody's.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: DEAD_AFTER_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) =>
      Math.min(50 * 2 ** Math.min(attempt, 5), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
  });
  let away = false;
  let reason = 'the connection was closed';
  redis.on('connect', () => gatherWrites(redis));
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  redis.on('reconnecting', () => {
    if (!away) log.warn({ reason }, 'Redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
    reason = 'the connection was closed';
  });
  return redis;
}

/** @throws UnavailableError unless Redis answers */
export async function checkRedis(redis: Redis): Promise<void> {
  await redis.ping();
}

class FailFastRedis extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    const reject = command.reject;
    command.reject = (error) => reject(asUnavailable(error));
    return super.sendCommand(command, stream);
  }
}

function asUnavailable(error: Error): Error {
  const unavailable = NOT_NOW.test(error.message) || NO_CONNECTION.test(error.message);
  return unavailable ? new UnavailableError('redis', error.message, error) : error;
}

function fromUrl(url: string): { host: string; port: number; db: number } {
  const { hostname, port, pathname } = new URL(url);
  return { host: hostname, port: Number(port || 6379), db: Number(pathname.slice(1) || 0) };
}

/**
 * ioredis asks its connector for a stream at every connect and reconnect: the place to look the service up, because a
 * Redis that was moved has another address. A connector must not reject, or ioredis never tries again; a stream that
 * is closed from the beginning makes it try again later.
 */
function connectorOf(service: string, discovery: Discovery) {
  let attempt = 0;

  async function openSocket(): Promise<Socket> {
    const instances = await discovery.instances(service);
    // Consul's opinion of a Redis that has just come back is seconds old: connecting is the best check, so all
    // instances are tried in turn, the healthy ones first.
    const instance = instances[attempt++ % Math.max(instances.length, 1)];
    if (instance === undefined) throw new UnavailableError(service, 'it is not registered');
    return connect({ host: instance.host, port: instance.port });
  }

  return class extends AbstractConnector {
    constructor() {
      super(CONNECT_TIMEOUT_MS);
    }

    async connect(): Promise<Socket> {
      this.connecting = true;
      const socket = await openSocket().catch((error: Error) => {
        this.firstError = error;
        return new Socket().destroy();
      });
      socket.once('error', (error) => {
        this.firstError = error;
      });
      // Whoever gave up while the service was looked up does not want the connection any more.
      if (!this.connecting) socket.destroy();
      this.stream = socket;
      return socket;
    }
  };
}
