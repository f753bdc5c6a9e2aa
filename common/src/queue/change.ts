import { eventsNotAccepted } from '../http/problems.ts';
import type { Redis } from '../redis/redis.ts';
import { runScript } from '../redis/run-script.ts';
import type { EventDraft, EventKind } from './event.ts';
import { claimKey, doneKey, OUTBOX } from './keys.ts';
import { metaOf } from './message.ts';

export type RedisArgument = string | number | Buffer;

/** One atomic step in the service's Redis, and what it tells others. */
export type ChangeRequest = ChangeByCommands | ChangeByScript;

export interface ChangeByCommands {
  /** `['HSET', 'room:1', 'name', 'Standup']`; all are executed, or none when Redis is away. */
  commands?: readonly (readonly [command: string, ...args: RedisArgument[]])[];
  publish?: readonly EventDraft[];
}

/** Lua, for a change that depends on what is stored. Calls `publish()` where there is something to tell. */
export interface ChangeByScript {
  script: string;
  keys: readonly string[];
  args?: readonly RedisArgument[];
  publish?: readonly EventDraft[];
}

/**
 * Executes the step. Resolves with the reply of the script, or with those of the commands.
 *
 * @throws UnavailableError; Problem events-not-accepted, nothing was changed then; ReplyError of a wrong command
 */
export type Change = (request: ChangeRequest) => Promise<unknown>;

/** The message was handled already, so that the step was not executed. */
export class AlreadyDone extends Error {
  constructor() {
    super('the message was handled already');
    this.name = 'AlreadyDone';
  }
}

/** Events that wait for RabbitMQ at most; a request that wants to add one more is refused. */
export const OUTBOX_LIMIT = 10_000;

/** How long a message is known to be handled, since it was last handled. */
export const DONE_KEEP_S = 24 * 60 * 60;

/**
 * Nothing is written before it is certain that everything can be: Redis takes back no command of a script.
 *
 * KEYS: outbox, set of handled messages, claim, then the script's own.
 * ARGV: limit, message or '', seconds to know it, number of events, three for each, then the script's own.
 */
const wrap = (script: string) => `
local outbox, handled, claim = KEYS[1], KEYS[2], KEYS[3]
local message, count = ARGV[2], tonumber(ARGV[4])
if message ~= '' and redis.call('SISMEMBER', handled, message) == 1 then return {'already done'} end
if count > 0 and redis.call('XLEN', outbox) + count > tonumber(ARGV[1]) then return {'full'} end
local events = ARGV
local function publish(only)
  for i = only or 1, only or count do
    local at = 2 + 3 * i
    redis.call('XADD', outbox, '*', 'meta', events[at], 'body', events[at + 1], 'key', events[at + 2])
  end
end
local function change(KEYS, ARGV)
${script}
end
local keys, args = {}, {}
for i = 4, #KEYS do keys[i - 3] = KEYS[i] end
local before = 4 + 3 * count
for i = before + 1, #ARGV do args[i - before] = ARGV[i] end
local result = change(keys, args)
if type(result) == 'table' and result.err then return result end
if message ~= '' then
  redis.call('SADD', handled, message)
  redis.call('EXPIRE', handled, ARGV[3])
  redis.call('DEL', claim)
end
return {'done', result}
`;

const wrapped = new Map<string, string>();

/** Scripts come from the code, so that they are few; one that is made anew each time must not fill the memory. */
const MOST_WRAPPED = 1_000;

/** The whole of a script, put together once: the same text is also found faster. */
function wholeOf(script: string): string {
  const known = wrapped.get(script);
  if (known !== undefined) return known;
  const whole = wrap(script);
  if (wrapped.size < MOST_WRAPPED) wrapped.set(script, whole);
  return whole;
}

/** ARGV: for each command how many words it has, and the words. */
const COMMANDS = `
local replies, at = {}, 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + words))
  at = at + words + 1
end
publish()
return replies
`;

/** @param messageId of the message whose handling this step completes; null outside of handlers */
export type ChangeOfMessage = (request: ChangeRequest, messageId: string | null) => Promise<unknown>;

/** Changes of data with their events, in the Redis of a service. */
export function createChange(
  redis: Redis,
  producer: string,
  publishes: readonly EventKind[],
  limit = OUTBOX_LIMIT,
): ChangeOfMessage {
  const isDeclared = declarationsOf(publishes);
  return async (request, messageId) => {
    const events = (request.publish ?? []).filter(isDeclared);
    const { script, keys, args } = scriptOf(request);
    const written = events.flatMap((draft) => [
      JSON.stringify(metaOf(draft, producer)),
      draft.body,
      draft.key ?? '',
    ]);
    const ownKeys = messageId === null ? ['', ''] : [doneKey(messageId), claimKey(messageId)];
    const reply = await runScript(
      redis,
      wholeOf(script),
      [OUTBOX, ...ownKeys, ...keys],
      [limit, messageId ?? '', DONE_KEEP_S, events.length, ...written, ...args],
    );
    return outcomeOf(reply);
  };
}

/** The test whether a service has said that it publishes an event: who does not say so has no contract for it. */
export function declarationsOf(publishes: readonly EventKind[]): (draft: EventDraft) => boolean {
  const declared = new Set(publishes.map(({ eventName, version }) => `${eventName} ${version}`));
  return ({ event, version }) => {
    if (declared.has(`${event} ${version}`)) return true;
    throw new Error(`"publishes" of the service does not have ${event} version ${version}`);
  };
}

function outcomeOf(reply: unknown): unknown {
  const [state, result]: unknown[] = Array.isArray(reply) ? reply : [];
  if (state === 'full') throw eventsNotAccepted();
  if (state === 'already done') throw new AlreadyDone();
  return result ?? null;
}

function scriptOf(request: ChangeRequest): {
  script: string;
  keys: readonly string[];
  args: RedisArgument[];
} {
  if ('script' in request) {
    return { script: request.script, keys: request.keys, args: [...(request.args ?? [])] };
  }
  const args = (request.commands ?? []).flatMap((words) => [words.length, ...words]);
  return { script: COMMANDS, keys: [], args };
}
