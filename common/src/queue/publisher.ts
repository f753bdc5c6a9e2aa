import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { UnavailableError } from '../unavailable.ts';
import type { BrokerConnection } from './connection.ts';
import { keepChannel } from './keep-channel.ts';
import { withSignal } from './waiting.ts';

/** RabbitMQ took the message and found no queue that wants it: it is stored nowhere. */
export class UnroutableError extends Error {
  constructor(routingKey: string) {
    super(`no queue receives ${routingKey}`);
    this.name = 'UnroutableError';
  }
}

export interface OutgoingMessage {
  /** Empty for the default exchange, which knows every queue by its name. */
  exchange: string;
  routingKey: string;
  content: Buffer;
  properties: OutgoingProperties;
}

/** Of a message whose confirmation is waited for: its id is there, and it comes back where no queue wants it. */
export interface OutgoingProperties extends Options.Publish {
  messageId: string;
  mandatory: true;
}

export interface Publisher {
  readonly ready: boolean;
  /** What stands in the way of publishing and does not go away by itself; null when nothing does. */
  readonly problem: string | null;
  /** Resolves when messages can be published. @throws the reason of the signal */
  wait(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when RabbitMQ has stored the message.
   * @throws UnavailableError when that is not certain; UnroutableError
   */
  publish(message: OutgoingMessage): Promise<void>;
  close(): Promise<void>;
}

/** Publishes with confirms on a channel that is opened anew whenever it was lost. */
export function createPublisher(broker: BrokerConnection, exchange: string | null): Publisher {
  const ended = new AbortController();
  let open = Promise.withResolvers<ConfirmChannel>();
  let channel: ConfirmChannel | null = null;
  let problem: string | null = null;
  const returned = new Set<string>();

  async function use(model: ChannelModel): Promise<void> {
    const opened = await model.createConfirmChannel();
    const closed = closing(opened);
    opened.on('return', ({ properties }) => returned.add(String(properties.messageId)));
    if (exchange !== null) {
      await opened.checkExchange(exchange).catch((error: Error & { code?: number }) => {
        if (error.code === 404) problem = `exchange ${exchange} is missing`;
        throw error;
      });
    }
    problem = null;
    // It was closed while the channel was opened.
    if (ended.signal.aborted) return opened.close();
    channel = opened;
    open.resolve(opened);
    await closed;
    channel = null;
    returned.clear();
    open = Promise.withResolvers();
  }

  const running = keepChannel(broker, ended.signal, use);
  return {
    get ready() {
      return channel !== null;
    },
    get problem() {
      return problem;
    },
    async wait(signal) {
      await withSignal(open.promise, signal);
    },
    publish({ exchange, routingKey, content, properties }) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (channel === null) {
        reject(new UnavailableError('rabbitmq', 'there is no connection'));
        return promise;
      }
      try {
        channel.publish(exchange, routingKey, content, properties, (error: unknown) => {
          if (error !== null)
            reject(new UnavailableError('rabbitmq', 'it did not confirm the message', error));
          else if (returned.size > 0 && returned.delete(properties.messageId))
            reject(new UnroutableError(routingKey));
          else resolve();
        });
      } catch (error) {
        reject(new UnavailableError('rabbitmq', 'the channel was closed', error));
      }
      return promise;
    },
    async close() {
      ended.abort(new UnavailableError('rabbitmq', 'the publisher was closed'));
      await channel?.close().catch(() => {});
      await running;
    },
  };
}

/** Resolves when the channel ends; the error that made it end is told to whoever was waiting for a reply. */
function closing(channel: ConfirmChannel): Promise<void> {
  channel.on('error', () => {});
  return new Promise((resolve) => channel.on('close', resolve));
}
