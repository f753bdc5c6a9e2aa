import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeadLetter,
  eventHeaders,
  readDeadLetter,
  replayedProperties,
} from '@tandem/common/dead-letters';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { reasonOf } from '../cluster/http.ts';
import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { clusterUnreachable } from '../language/errors/cluster.ts';
import {
  deadLettersCutOff,
  deadLetterUnknown,
  queueNotDeclared,
  rabbitmqTakesNothing,
} from '../language/errors/queues.ts';
import { deadOf } from './overview.ts';

/** A dead letter and the message itself. */
export interface FoundLetter extends DeadLetter {
  content: Buffer;
  /** Those that its publisher has given it. */
  headers: Record<string, unknown>;
}

export interface Listed {
  /** Oldest first. */
  letters: DeadLetter[];
  /** How many there are. */
  total: number;
}

export interface Emptied {
  /** Replayed or discarded. */
  count: number;
  /** Dead letters that were there when it began and still are. */
  left: number;
}

export interface Letters {
  rabbitmq: Rabbitmq;
  /** The stack of this machine. */
  local: boolean;
  /** The consumer's queue, not the one that holds them. */
  queue: string;
  signal: AbortSignal;
}

const connectMs = 10_000;
const confirmMs = 30_000;
const giveBackMs = 5_000;

/** The oldest dead letters of a queue. They stay there, in their order. */
export async function listLetters(request: Letters, limit: number): Promise<Listed> {
  return hold(request, async (held) => {
    const letters: DeadLetter[] = [];
    for await (const message of held.read(limit)) letters.push(readDeadLetter(message));
    request.signal.throwIfAborted();
    return { letters, total: held.total };
  });
}

/** The dead letters with this id, normally one. @throws TandemError (exit 2) when there is none */
export async function findLetters(request: Letters, id: string): Promise<FoundLetter[]> {
  return hold(request, async (held) => {
    const found: FoundLetter[] = [];
    for await (const message of held.read()) {
      const letter = readDeadLetter(message);
      if (letter.id !== id) continue;
      found.push({ ...letter, content: message.content, headers: eventHeaders(message) });
    }
    request.signal.throwIfAborted();
    if (found.length === 0) throw unknown(request.queue, id);
    return found;
  });
}

/**
 * Gives dead letters back to their queue, as they were before they failed: each leaves the dead letters only when
 * RabbitMQ has stored it in the queue. What fails again meanwhile comes back to the dead letters and stays there. Stops
 * between two of them when the signal aborts.
 *
 * @param id null: all that are there at this moment
 * @throws TandemError (exit 2) when there is no such letter; (exit 1) when RabbitMQ stops in the middle
 */
export async function replayLetters(request: Letters, id: string | null): Promise<Emptied> {
  const [alarm] = await request.rabbitmq.alarms({ signal: request.signal });
  if (alarm !== undefined) throw new TandemError([rabbitmqTakesNothing(alarm.resource, alarm.node)]);
  return empty(request, id, 'replayed', (held, message) => held.sendBack(message));
}

/** Removes dead letters for good. @throws as `replayLetters` */
export async function discardLetters(request: Letters, id: string | null): Promise<Emptied> {
  return empty(request, id, 'discarded', async () => undefined);
}

async function empty(
  request: Letters,
  id: string | null,
  done: string,
  act: (held: Held, message: GetMessage) => Promise<void>,
): Promise<Emptied> {
  return hold(request, async (held) => {
    let count = 0;
    try {
      for await (const message of held.read()) {
        if (id !== null && readDeadLetter(message).id !== id) continue;
        await act(held, message);
        held.remove(message);
        count++;
      }
      await held.settle();
    } catch (error) {
      if (error instanceof TandemError) throw error;
      throw new TandemError([deadLettersCutOff(`${count} of ${held.total} were ${done}`, reasonOf(error))]);
    }
    if (count === 0 && id !== null && !request.signal.aborted) throw unknown(request.queue, id);
    return { count, left: held.total - count };
  });
}

/** Opens a connection for the work and gives back everything that was not removed. */
async function hold<T>(request: Letters, work: (held: Held) => Promise<T>): Promise<T> {
  const { rabbitmq, queue, signal } = request;
  const dead = deadOf(queue);
  if (!(await rabbitmq.queues({ signal })).some(({ name }) => name === dead)) {
    throw new TandemError([queueNotDeclared(queue, dead)]);
  }
  const connection = await open(request);
  try {
    const held = await Held.open(connection, request);
    return await work(held).finally(() => held.giveBack().catch(() => {}));
  } finally {
    await connection.close().catch(() => {});
  }
}

async function open({ rabbitmq, local, signal }: Letters): Promise<ChannelModel> {
  const url = await rabbitmq.amqpUrl({ signal });
  try {
    const connection = await connect(url, {
      timeout: connectMs,
      clientProperties: { connection_name: 'tandem queues' },
    });
    connection.on('error', () => {});
    return connection;
  } catch (error) {
    throw new TandemError([clusterUnreachable('RabbitMQ', new URL(url).host, reasonOf(error), local)]);
  }
}

/** Dead letters that RabbitMQ has given to us and gives back to the queue when the connection ends, whyever it does. */
class Held {
  /** Dead letters at the beginning: those that come later are not ours. */
  readonly total: number;
  readonly #channel: ConfirmChannel;
  readonly #queue: string;
  readonly #signal: AbortSignal;
  #returned = false;
  #removed = 0;

  private constructor(channel: ConfirmChannel, total: number, { queue, signal }: Letters) {
    this.#channel = channel;
    this.total = total;
    this.#queue = queue;
    this.#signal = signal;
    channel.on('return', () => {
      this.#returned = true;
    });
    channel.on('error', () => {});
  }

  static async open(connection: ChannelModel, request: Letters): Promise<Held> {
    const channel = await connection.createConfirmChannel();
    const { messageCount } = await channel.checkQueue(deadOf(request.queue));
    return new Held(channel, messageCount, request);
  }

  /** Takes them one by one, the oldest first. Ends early when the signal aborts. */
  async *read(limit = Number.POSITIVE_INFINITY): AsyncGenerator<GetMessage> {
    for (let count = 0; count < Math.min(limit, this.total); count++) {
      if (this.#signal.aborted) return;
      const message = await this.#channel.get(deadOf(this.#queue));
      if (message === false) return;
      yield message;
    }
  }

  /** Resolves when the queue has stored it. */
  async sendBack(message: GetMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const options = { ...replayedProperties(message), mandatory: true };
    const timer = setTimeout(() => reject(new Error('it did not confirm a message')), confirmMs);
    this.#channel.publish('', this.#queue, message.content, options, (error: unknown) => {
      if (error === null) resolve();
      else reject(error);
    });
    await promise.finally(() => clearTimeout(timer));
    if (this.#returned) throw new TandemError([queueNotDeclared(this.#queue, this.#queue)]);
  }

  remove(message: GetMessage): void {
    this.#channel.ack(message);
    this.#removed++;
  }

  /**
   * The end of the connection gives them back, too, but some time after it: whoever asks next should find them. Others may
   * have taken some meanwhile, so that it is not waited for long.
   */
  async giveBack(): Promise<void> {
    this.#channel.nackAll(true);
    const end = Date.now() + giveBackMs;
    for (;;) {
      const { messageCount } = await this.#channel.checkQueue(deadOf(this.#queue));
      if (messageCount >= this.total - this.#removed || Date.now() > end) return;
      await sleep(20);
    }
  }

  /** An acknowledgement has no answer of its own, but what comes after it does. */
  async settle(): Promise<void> {
    await this.#channel.checkQueue(deadOf(this.#queue));
  }
}

function unknown(queue: string, id: string): TandemError {
  return new TandemError([deadLetterUnknown(queue, id)], exitCodes.badInput);
}
