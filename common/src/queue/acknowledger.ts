import type { Channel, ConsumeMessage } from 'amqplib';

/** Acknowledges the messages of one channel that has one consumer. */
export interface Acknowledger {
  /** The message is done with: it is acknowledged by the end of this turn of the event loop. */
  done(message: ConsumeMessage): void;
  /** Acknowledges now what is done. */
  flush(): void;
}

/**
 * One acknowledgement for all messages of a turn where there is none before them that is still being handled: each costs
 * both sides as much as a message. The others get one each, so that a slow handler holds up nobody.
 *
 * @param lost when it is aborted the channel is gone, and RabbitMQ delivers again what was not acknowledged
 */
export function createAcknowledger(channel: Pick<Channel, 'ack'>, lost: AbortSignal): Acknowledger {
  const waiting = new Map<number, ConsumeMessage>();
  /** Acknowledged by themselves, ahead of one before them. */
  const ahead = new Set<number>();
  /** Delivery tags count from 1; those before this one are acknowledged. */
  let next = 1;
  let isDue = false;

  function flush(): void {
    isDue = false;
    if (lost.aborted) waiting.clear();
    // RabbitMQ knows only tags that are not acknowledged yet, so the one that stands for all before it must be such a one.
    let last: ConsumeMessage | null = null;
    for (let message = waiting.get(next); message !== undefined || ahead.delete(next); ) {
      if (message !== undefined) last = message;
      waiting.delete(next);
      next++;
      message = waiting.get(next);
    }
    if (last !== null) channel.ack(last, true);
    for (const [tag, message] of waiting) {
      channel.ack(message);
      ahead.add(tag);
    }
    waiting.clear();
  }

  return {
    done(message) {
      waiting.set(message.fields.deliveryTag, message);
      if (isDue) return;
      isDue = true;
      setImmediate(flush);
    },
    flush,
  };
}
