import type { Logger } from '../log.ts';
import type { TSchema } from '../schema.ts';
import type { Change } from './change.ts';
import type { EventType } from './event.ts';

/** An event as its handler gets it. */
export interface ReceivedEvent<Data> {
  /** The same in every attempt, and in every copy. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** Fits the schema. */
  readonly data: Data;
  /** Service that published it. */
  readonly producer: string;
  /** ISO 8601. */
  readonly occurredAt: string;
  /** Grows with every event of the producer, see `isNewer`. */
  readonly sequence: string;
  /** 1 the first time. */
  readonly attempt: number;
  /** Effect and mark in one step: a message that was handled already changes nothing. To be called once, at the end. */
  readonly change: Change;
  readonly log: Logger;
  /** Aborted when the time of the handler is up. */
  readonly signal: AbortSignal;
}

/** Makes the event of a message from its checked data. */
export type EventBuilder = <Data>(data: Data) => ReceivedEvent<Data>;

/** Handles events of one kind. */
export interface EventHandler {
  readonly eventName: string;
  readonly version: number;
  /** Of the data. */
  readonly schema: TSchema;
  readonly timeoutMs: number;
  /** Checks the data, and gives what is to be done with it. @throws InvalidEvent */
  accept(data: unknown): (eventWith: EventBuilder) => Promise<void>;
}

export interface HandlerOptions {
  /** A handler that takes longer has failed; 30 s when not given. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Says what is to be done when an event comes. Returning means done; throwing means try again later. */
export function on<Data>(
  type: EventType<string, Data>,
  handler: (event: ReceivedEvent<Data>) => unknown,
  { timeoutMs = TIMEOUT_MS }: HandlerOptions = {},
): EventHandler {
  return {
    eventName: type.eventName,
    version: type.version,
    schema: type.schema,
    timeoutMs,
    accept(data) {
      const checked = type.parse(data);
      return async (eventWith) => {
        await handler(eventWith(checked));
      };
    },
  };
}

/** A message that no further attempt would help: it goes to the dead letters at once, with this reason. */
export class Rejected extends Error {
  /** Kebab-case, `no-such-room`. */
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.name = 'Rejected';
    this.code = code;
  }
}

/** Whether the first of two sequences of one producer is the later one. An empty one is older than any. */
export function isNewer(sequence: string, than: string): boolean {
  const [ms = 0, count = 0] = sequence.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = than.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
}
