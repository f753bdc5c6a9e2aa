import { isUtf8 } from 'node:buffer';
import type { ConsumeMessage } from 'amqplib';
import { Problem } from '../http/problem.ts';
import { parseStrictJson } from '../http/strict-json.ts';
import { InvalidEvent } from './event.ts';
import { type EventBuilder, type EventHandler, Rejected } from './handlers.ts';
import { type ReceivedMeta, readMeta } from './message.ts';

/** A larger message is not what any of our services publishes. Bytes. */
export const LARGEST_MESSAGE = 4 * 1024 * 1024;

/** What is to be done with a message. */
export interface AcceptedMessage {
  meta: ReceivedMeta;
  handler: EventHandler;
  run: (eventWith: EventBuilder) => Promise<void>;
}

/**
 * Looks at a message before anything is done with it.
 *
 * @returns null for an event that came by a pattern and that nobody handles
 * @throws Rejected
 */
export function acceptMessage(
  { content, properties }: ConsumeMessage,
  handlers: readonly EventHandler[],
): AcceptedMessage | null {
  const meta = readMeta(properties);
  if (meta === null) {
    throw new Rejected('not-an-event', 'it lacks a message id, a type or the header x-event-version');
  }
  const named = handlers.filter(({ eventName }) => eventName === meta.event);
  if (named.length === 0) return null;
  const handler = named.find(({ version }) => version === meta.version);
  if (handler === undefined) {
    const known = named.map(({ version }) => version).join(', ');
    throw new Rejected('unknown-version', `version ${meta.version} of ${meta.event}; handled here: ${known}`);
  }
  return { meta, handler, run: acceptData(handler, parse(content)) };
}

function acceptData(handler: EventHandler, data: unknown): AcceptedMessage['run'] {
  try {
    return handler.accept(data);
  } catch (error) {
    if (error instanceof InvalidEvent) throw new Rejected('invalid-data', error.message);
    throw error;
  }
}

function parse(content: Buffer): unknown {
  if (content.length > LARGEST_MESSAGE) {
    throw new Rejected('too-large', `${content.length} bytes; ${LARGEST_MESSAGE} are accepted`);
  }
  if (!isUtf8(content)) throw new Rejected('not-json', 'it is not UTF-8');
  try {
    return parseStrictJson(content.toString('utf8'));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const where = error.errors?.map(({ pointer, detail }) => ` ${pointer} ${detail}`).join(';') ?? '';
    throw new Rejected('not-json', `${error.message}${where}`);
  }
}
