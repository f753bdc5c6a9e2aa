import { type Channel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import type { BuiltService } from '../service.ts';
import {
  brokenMessages,
  generatedMessages,
  type HostileMessage,
  type KnownValues,
} from './hostile-message.ts';
import { waitFor } from './wait-for.ts';

export interface FuzzEventsOptions {
  /** All instances that consume the queue. */
  instances: readonly BuiltService[];
  /** As RABBITMQ_URL has it. */
  url: string;
  /** One without waits for further attempts, that gets nothing else meanwhile. Its dead letters are in `<queue>.dead`. */
  queue: string;
  /** Generated messages of each of three kinds for each handler; 20 when not given. */
  runs?: number;
  /** Values that exist, so that handlers find something. */
  known?: KnownValues;
  /** Why a handler fails on purpose, to be tried again when something else has happened. */
  mayFail?: RegExp;
}

export interface FuzzedEvents {
  /** Messages by what became of them: `done`, `duplicate`, `ignored` or `dead`. */
  outcomes: Record<string, number>;
  /** Dead letters by their code. */
  dead: Record<string, number>;
}

/** How often a message is sent. */
const COPIES = 2;

/**
 * Sends generated messages to the queue of a service, each twice, fitting ones and hostile ones for every event that it
 * handles. Checks that each is dealt with, that those which are refused are dead letters with the right reason, and that
 * no handler fails because of what it was given. Gives what became of them, so that a test can see that it got anywhere.
 */
export async function fuzzEvents(options: FuzzEventsOptions): Promise<FuzzedEvents> {
  const { instances, url, queue, runs = 20, known = {}, mayFail = /(?!)/ } = options;
  const handlers = instances[0]?.handlers ?? [];
  const messages = [
    ...handlers.flatMap((handler) => generatedMessages(handler, known, runs)),
    ...handlers.slice(0, 1).flatMap(brokenMessages),
  ];
  const before = await outcomesOf(instances);
  const connection = await connect(url);
  try {
    await send(await connection.createConfirmChannel(), queue, messages);
    const outcomes = await waitFor(
      `all messages to ${queue} are dealt with`,
      async () => {
        const now = difference(await outcomesOf(instances), before);
        return sumOf(now) === messages.length * COPIES && now;
      },
      90_000,
    );
    const dead = await takeLetters(await connection.createChannel(), queue, (letter) =>
      checkLetter(letter, messages, mayFail),
    );
    checkRefusals(messages, dead);
    return { outcomes, dead };
  } finally {
    await connection.close();
  }
}

async function send(
  channel: ConfirmChannel,
  queue: string,
  messages: readonly HostileMessage[],
): Promise<void> {
  for (const [index, { content, properties }] of messages.entries()) {
    const headers = { ...properties.headers, [MARK]: index };
    for (let copy = 0; copy < COPIES; copy++) channel.sendToQueue(queue, content, { ...properties, headers });
  }
  await channel.waitForConfirms();
}

async function takeLetters(
  channel: Channel,
  queue: string,
  check: (letter: Letter) => string,
): Promise<Record<string, number>> {
  const dead: Record<string, number> = {};
  for (;;) {
    const letter = await channel.get(`${queue}.dead`, { noAck: true });
    if (letter === false) return dead;
    const code = check(letter);
    dead[code] = (dead[code] ?? 0) + 1;
  }
}

/** Which message it is; headers travel with a message to the dead letters. */
const MARK = 'x-fuzz';

function checkLetter(
  { content, properties }: Letter,
  messages: readonly HostileMessage[],
  mayFail: RegExp,
): string {
  const headers = properties.headers ?? {};
  const message = messages[Number(headers[MARK])];
  const code = String(headers['x-error-code']);
  const where = `${message?.kind ?? 'a message'} ${content.toString('utf8', 0, 300)} became a dead letter: ${code}, ${headers['x-error']}`;
  if (message === undefined || code === 'undefined') throw new Error(`${where}: it has no reason`);
  if (FAILURES.has(code) && !mayFail.test(String(headers['x-error'])))
    throw new Error(`${where}: the handler failed`);
  const { refusedWith } = message;
  if (refusedWith === null && REFUSALS.has(code)) throw new Error(`${where}: it fits`);
  if (refusedWith !== null && !refusedWith.includes(code))
    throw new Error(`${where}: not ${refusedWith.join(' or ')}`);
  return code;
}

type Letter = Pick<ConsumeMessage, 'content' | 'properties'>;

const FAILURES = new Set(['handler-failed', 'handler-timeout']);
const REFUSALS = new Set(['not-an-event', 'unknown-version', 'invalid-data', 'not-json', 'too-large']);

/** What had to be refused was, every copy of it. */
function checkRefusals(messages: readonly HostileMessage[], dead: Record<string, number>): void {
  const wanted = messages.filter(({ refusedWith }) => refusedWith !== null).length * COPIES;
  const refused = Object.entries(dead).filter(([code]) => REFUSALS.has(code));
  const count = sumOf(Object.fromEntries(refused));
  if (count < wanted) throw new Error(`${wanted - count} messages were handled that do not fit`);
}

/** `events_handled_total` of all instances, by outcome. */
async function outcomesOf(instances: readonly BuiltService[]): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const { app } of instances) {
    const { body } = await app.inject('/metrics');
    for (const [, outcome = '', count] of body.matchAll(
      /^events_handled_total\{.*outcome="(\w+)".*\} (\d+)$/gm,
    )) {
      if (outcome !== 'retried') outcomes[outcome] = (outcomes[outcome] ?? 0) + Number(count);
    }
  }
  return outcomes;
}

function difference(now: Record<string, number>, before: Record<string, number>): Record<string, number> {
  const changed = Object.entries(now).map(
    ([outcome, count]) => [outcome, count - (before[outcome] ?? 0)] as const,
  );
  return Object.fromEntries(changed);
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
