import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../log.ts';
import { type Acknowledger, createAcknowledger } from './acknowledger.ts';
import { ANSWER_MS, checkQueues } from './check-queues.ts';
import type { BrokerConnection } from './connection.ts';
import { keepChannel } from './keep-channel.ts';
import { type Processing, processMessage, type Signals } from './process-message.ts';
import type { QueueNames } from './queue-names.ts';
import { within } from './waiting.ts';

export interface Consumer {
  /** What stands in the way of consuming and does not go away by itself; null when nothing does. */
  readonly problem: string | null;
  /** Takes no more messages, finishes those it has, and lets go. */
  stop(): Promise<void>;
}

const CHECK_AGAIN_MS = 10_000;
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
    const found = await checkQueues(model, [names.queue, ...names.retries, names.dead]);
    say(found.problem);
    if (found.missing || found.silent.includes(names.queue)) return;
    const channel = await model.createChannel();
    const lost = new AbortController();
    const lostOrStopping = AbortSignal.any([lost.signal, ended.signal]);
    const signals = { lost: lost.signal, lostOrStopping };
    const closed = closing(channel, lost);
    const acknowledger = createAcknowledger(channel, lost.signal);
    await channel.prefetch(names.prefetch);
    const consuming = channel.consume(names.queue, (message) => {
      // Without a message it says that the queue was deleted.
      if (message === null) void channel.close().catch(() => {});
      else track(work(channel, acknowledger, message, signals));
    });
    const consumer = await within(consuming, ANSWER_MS);
    if (consumer === null) {
      say(`queue ${names.queue} does not answer`);
      return channel.close();
    }
    cancel = async () => {
      await channel.cancel(consumer.consumerTag);
      const patience = setTimeout(() => lost.abort(ended.signal.reason), STOP_GRACE_MS);
      await Promise.all(working);
      clearTimeout(patience);
      acknowledger.flush();
      await channel.close();
    };
    if (ended.signal.aborted) await cancel();
    if (found.silent.length > 0) void checkAgain(model, found.silent, lost.signal).catch(() => {});
    await closed;
    cancel = null;
  }

  /** A queue for failed messages that does not answer holds up those only; the others are handled meanwhile. */
  async function checkAgain(model: ChannelModel, queues: string[], lost: AbortSignal): Promise<void> {
    while (problem !== null) {
      await sleep(CHECK_AGAIN_MS, undefined, { signal: lost });
      say((await checkQueues(model, queues)).problem);
    }
  }

  /** @param work never rejects */
  function track(work: Promise<void>): void {
    working.add(work);
    void work.then(() => working.delete(work));
  }

  async function work(
    channel: Channel,
    acknowledger: Acknowledger,
    message: ConsumeMessage,
    signals: Signals,
  ): Promise<void> {
    const { lost } = signals;
    try {
      await processMessage(message, names, processing, signals);
      acknowledger.done(message);
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

function closing(channel: Channel, lost: AbortController): Promise<void> {
  channel.on('error', () => {});
  return new Promise((resolve) =>
    channel.on('close', () => {
      lost.abort(new Error('the channel was closed'));
      resolve();
    }),
  );
}
