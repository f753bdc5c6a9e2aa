import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../log.ts';
import type { BrokerConnection } from './connection.ts';
import { keepChannel } from './keep-channel.ts';
import { type Processing, processMessage } from './process-message.ts';
import type { QueueNames } from './queue-names.ts';

export interface Consumer {
  /** What stands in the way of consuming and does not go away by itself; null when nothing does. */
  readonly problem: string | null;
  /** Takes no more messages, finishes those it has, and lets go. */
  stop(): Promise<void>;
}

/** Messages that wait for Redis or RabbitMQ are given up after this when the service stops. */
const STOP_GRACE_MS = 5_000;

/** Handles the messages of one queue, at most `prefetch` at once. */
export function startConsumer(
  broker: BrokerConnection,
  names: QueueNames,
  processing: Processing,
  log: Logger,
): Consumer {
  const ended = new AbortController();
  const working = new Set<Promise<void>>();
  let problem: string | null = null;
  let cancel: (() => Promise<void>) | null = null;

  function say(found: string | null): void {
    if (found !== null && found !== problem) log.error({ queue: names.queue }, found);
    if (found === null && problem !== null) log.info({ queue: names.queue }, 'the queue is there');
    problem = found;
  }

  async function use(model: ChannelModel): Promise<void> {
    for (const queue of new Set([names.queue, ...names.retries, names.dead])) {
      if (!(await exists(model, queue))) return say(`queue ${queue} is missing`);
    }
    const channel = await model.createChannel();
    const lost = new AbortController();
    const closed = closing(channel, lost);
    await channel.prefetch(names.prefetch);
    const { consumerTag } = await channel.consume(names.queue, (message) => {
      // Without a message it says that the queue was deleted.
      if (message === null) void channel.close().catch(() => {});
      else track(work(channel, message, lost.signal));
    });
    say(null);
    cancel = async () => {
      await channel.cancel(consumerTag);
      const patience = setTimeout(() => lost.abort(ended.signal.reason), STOP_GRACE_MS);
      await Promise.all(working);
      clearTimeout(patience);
      await channel.close();
    };
    if (ended.signal.aborted) await cancel();
    await closed;
    cancel = null;
  }

  function track(work: Promise<void>): void {
    working.add(work);
    void work.finally(() => working.delete(work));
  }

  async function work(channel: Channel, message: ConsumeMessage, lost: AbortSignal): Promise<void> {
    try {
      await processMessage(message, names, processing, { lost, stopping: ended.signal });
      if (!lost.aborted) channel.ack(message);
    } catch (error) {
      // It stays unacknowledged, so that RabbitMQ delivers it again.
      if (lost.aborted) return;
      log.error({ err: error, messageId: message.properties.messageId }, 'a message could not be processed');
      await channel.close().catch(() => {});
    }
  }

  const running = keepChannel(broker, ended.signal, use);
  return {
    get problem() {
      return problem;
    },
    async stop() {
      ended.abort(new Error('the consumer was stopped'));
      await cancel?.().catch(() => {});
      await running;
      await Promise.all(working);
    },
  };
}

/** Asks on a channel of its own, because RabbitMQ closes the one that asks for a queue that is not there. */
async function exists(model: ChannelModel, queue: string): Promise<boolean> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    await channel.checkQueue(queue);
    await channel.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 404) return false;
    throw error;
  }
}

function closing(channel: Channel, lost: AbortController): Promise<void> {
  channel.on('error', () => {});
  return new Promise((resolve) =>
    channel.on('close', () => {
      lost.abort(new Error('the channel was closed'));
      resolve();
    }),
  );
}
