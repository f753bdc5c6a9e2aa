import type { ChannelModel } from 'amqplib';
import { within } from './waiting.ts';

/** RabbitMQ gives no other sign of a queue that has lost its leader than that it does not answer. */
export const ANSWER_MS = 5_000;

export interface QueueCheck {
  /** What is wrong, in words; null when nothing is. */
  problem: string | null;
  /** One of them does not exist. */
  missing: boolean;
  /** Those that exist, and do not answer. */
  silent: string[];
}

/** Looks whether queues are there and answer. */
export async function checkQueues(model: ChannelModel, queues: readonly string[]): Promise<QueueCheck> {
  const unique = [...new Set(queues)];
  const found = await Promise.all(unique.map((queue) => stateOf(model, queue)));
  const missing = unique.find((_, index) => found[index] === 'missing');
  const silent = unique.filter((_, index) => found[index] === 'silent');
  const problem =
    missing !== undefined
      ? `queue ${missing} is missing`
      : silent[0] !== undefined
        ? `queue ${silent[0]} does not answer`
        : null;
  return { problem, missing: missing !== undefined, silent };
}

/** Asks on a channel of its own, because RabbitMQ closes the one that asks for a queue that is not there. */
async function stateOf(model: ChannelModel, queue: string): Promise<'there' | 'missing' | 'silent'> {
  const channel = await model.createChannel();
  channel.on('error', () => {});
  try {
    const answer = await within(channel.checkQueue(queue), ANSWER_MS);
    channel.close().catch(() => {});
    return answer === null ? 'silent' : 'there';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 404) return 'missing';
    throw error;
  }
}
