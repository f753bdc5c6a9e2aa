import type { Rabbitmq } from '../cluster/rabbitmq.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { rabbitmqUnknown } from '../language/errors/deploy.ts';
import { deadLettersNotChosen, queueUnknown } from '../language/errors/queues.ts';
import { argumentNeeded, badCount, stopNotConfirmed } from '../language/errors/service.ts';
import type { Model } from '../language/model.ts';
import { didYouMean } from '../language/suggest.ts';
import { letterData, letterLines, listLines } from '../queues/dead-letter-view.ts';
import {
  discardLetters,
  type Emptied,
  findLetters,
  type Letters,
  listLetters,
  replayLetters,
} from '../queues/dead-letters.ts';
import { baseOf, isWell, readQueues } from '../queues/overview.ts';
import { queuesLines } from '../queues/overview-view.ts';
import type { Command, Context, Invocation } from './command.ts';
import { canAsk, confirm } from './confirm.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

const mostListed = 10_000;

/** `tandem queues [inspect|replay|discard]` */
export const queues: Command = {
  args: [
    { name: '[action]', description: 'about dead letters', choices: ['inspect', 'replay', 'discard'] },
    { name: '[queue]', description: 'queue, or service that has only one' },
    { name: '[id]', description: 'of a dead letter, as `inspect` shows it' },
  ],
  options: [
    { flags: '--all', description: 'replay or discard all dead letters of the queue' },
    { flags: '--limit <count>', description: 'how many `inspect` lists, the oldest first', default: '50' },
    { flags: '-y, --yes', description: 'discard without asking' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem queues', what: 'all queues: depth, consumers, rates, dead letters' },
    { line: 'tandem queues inspect search', what: 'the dead letters of search: which, and why' },
    {
      line: 'tandem queues inspect search 019aa8c0-7a5e-7c1d-9c3b-0f6d1b2a3c4d',
      what: 'one with its headers and its body',
    },
    { line: 'tandem queues replay search --all', what: 'after the repair: back into the queue, tried anew' },
    {
      line: 'tandem queues discard search 019aa8c0-7a5e-7c1d-9c3b-0f6d1b2a3c4d',
      what: 'remove one that nobody needs',
    },
    { line: 'tandem queues --json --env production', what: 'for a script' },
  ],
  description: `Ready messages wait for a consumer, those in work were given to one, those retrying wait for another attempt.
    RabbitMQ counts them every five seconds. Without an action it ends with 1 when a queue is missing, has no consumer or
    has dead letters.

    A dead letter is a message that its consumer gave up. Looking at it changes nothing. Replayed, it goes back to the one
    queue that it came from, with its id: a consumer that has handled it before drops it. It leaves the dead letters when
    it is safe in the queue, so that an interrupted replay loses nothing; and what fails again is not replayed twice.`,
  async run(context, { args: [action, name, id], options }) {
    const { loaded, target } = await openTarget(context, options);
    const { model } = loaded;
    const { terminal, signal } = context;
    const { rabbitmq } = target;
    if (rabbitmq === null) throw new TandemError([rabbitmqUnknown()], exitCodes.badInput);
    if (action === undefined) {
      const state = await readQueues(model, rabbitmq, { signal });
      if (options.json === true) terminal.print(JSON.stringify(state, null, 2));
      else for (const line of queuesLines(terminal, state)) terminal.print(line);
      return isWell(state) ? exitCodes.fine : exitCodes.failed;
    }
    if (name === undefined) {
      throw badInput(argumentNeeded(`./tandem queues ${action} QUEUE`, 'the name of the queue'));
    }
    const limit = limitOf(options);
    const queue = await requireQueue(model, rabbitmq, name, signal);
    const letters: Letters = { rabbitmq, local: model.local, queue, signal };
    if (action === 'inspect') {
      if (id === undefined) await list(context, options, letters, limit);
      else await inspect(context, options, letters, id);
      return exitCodes.fine;
    }
    if ((id === undefined) !== (options.all === true)) throw badInput(deadLettersNotChosen(action, queue));
    if (action === 'discard' && !(await mayDiscard(context, options, letters, id))) return exitCodes.fine;
    const emptied = await (action === 'replay' ? replayLetters : discardLetters)(letters, id ?? null);
    if (options.json === true) terminal.print(JSON.stringify({ queue, action, ...emptied }, null, 2));
    else terminal.print(emptiedWords(action, queue, emptied));
    return exitCodes.fine;
  },
};

async function list(
  { terminal }: Context,
  options: Invocation['options'],
  letters: Letters,
  limit: number,
): Promise<void> {
  const listed = await listLetters(letters, limit);
  if (options.json === true) terminal.print(JSON.stringify({ queue: letters.queue, ...listed }, null, 2));
  else for (const line of listLines(terminal, letters.queue, listed, Date.now())) terminal.print(line);
}

async function inspect(
  { terminal }: Context,
  options: Invocation['options'],
  letters: Letters,
  id: string,
): Promise<void> {
  const found = await findLetters(letters, id);
  if (options.json === true) {
    terminal.print(JSON.stringify({ queue: letters.queue, letters: found.map(letterData) }, null, 2));
    return;
  }
  for (const [index, letter] of found.entries()) {
    if (index > 0) terminal.print();
    for (const line of letterLines(terminal, letter, Date.now())) terminal.print(line);
  }
}

/** What is discarded is gone for good, so that it is asked on this machine, too. */
async function mayDiscard(
  context: Context,
  options: Invocation['options'],
  letters: Letters,
  id: string | undefined,
): Promise<boolean> {
  if (options.yes === true) return true;
  const what = id === undefined ? `all dead letters of ${letters.queue}` : `${id} of ${letters.queue}`;
  if (!canAsk(context)) throw badInput(stopNotConfirmed(`discarding ${what}`));
  if (await confirm(context, `Discard ${what} for good?`)) return true;
  context.terminal.print('Nothing was changed.');
  return false;
}

function emptiedWords(action: string, queue: string, { count, left }: Emptied): string {
  const messages = count === 1 ? '1 message' : `${count} messages`;
  const others = left === 0 ? '' : ` ${left} ${left === 1 ? 'is' : 'are'} left among the dead letters.`;
  if (count === 0) return `Nothing was changed: ${queue} has no dead letters.`;
  return action === 'replay'
    ? `${messages} ${count === 1 ? 'is' : 'are'} back in ${queue}; what fails again comes back to the dead letters.${others}`
    : `${messages} of ${queue} ${count === 1 ? 'is' : 'are'} discarded.${others}`;
}

/** The queue that is meant by its name, by that of its dead letters, or by its only consumer. @throws TandemError (exit 2) */
async function requireQueue(
  model: Model,
  rabbitmq: Rabbitmq,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const wanted = Object.values(model.services).flatMap(({ consumes }) => consumes.map(({ queue }) => queue));
  const live = (await rabbitmq.queues({ signal })).filter(({ durable }) => durable);
  const known = [...new Set([...wanted, ...live.map((queue) => baseOf(queue.name))])];
  if (known.includes(baseOf(name))) return baseOf(name);
  const own = Object.hasOwn(model.services, name) ? (model.services[name]?.consumes ?? []) : [];
  const [only] = own;
  if (only !== undefined && own.length === 1) return only.queue;
  const services = Object.keys(model.services);
  throw badInput(queueUnknown(name, known, didYouMean(name, [...known, ...services])));
}

function limitOf({ limit }: Invocation['options']): number {
  const count = typeof limit === 'string' && /^\d+$/.test(limit) ? Number(limit) : Number.NaN;
  if (count >= 1 && count <= mostListed) return count;
  throw badInput(badCount('--limit', String(limit), `a number from 1 to ${mostListed}`));
}

function badInput(diagnostic: ReturnType<typeof queueUnknown>): TandemError {
  return new TandemError([diagnostic], exitCodes.badInput);
}
