import type { Static, TSchema } from '../schema.ts';
import { type Violation, validatorOf, violationsOf } from '../validator.ts';

export interface EventDefinition<Schema extends TSchema> {
  /** Routing key, `room.created`: what happened, after the thing it happened to. */
  name: string;
  /** Grows with every change that a reader of the former version would not understand. */
  version: number;
  /** One sentence, for the contract. */
  description?: string;
  schema: Schema;
  /** Events of one key are published in order, the next one when the one before is safe. */
  key?: (data: Static<Schema>) => string;
}

/** What a kind of event promises: a part of the public interface of its owner. */
export interface EventKind {
  readonly eventName: string;
  readonly version: number;
  readonly description: string;
  readonly schema: TSchema;
}

/** A kind of event: call it with data to make one, `roomCreated({ id, name })`. */
export interface EventType<Name extends string, Data> extends EventKind {
  /** @throws InvalidEvent */
  (data: Data): EventDraft;
  readonly eventName: Name;
  /** @throws InvalidEvent */
  parse(data: unknown): Data;
}

/** An event that is still to be written to the outbox. */
export interface EventDraft {
  readonly event: string;
  readonly version: number;
  /** The data as JSON. */
  readonly body: string;
  /** Null where the order does not matter. */
  readonly key: string | null;
}

/** Data that does not fit the schema of its event. */
export class InvalidEvent extends Error {
  readonly event: string;
  readonly violations: readonly Violation[];

  constructor(event: string, violations: readonly Violation[]) {
    const found = violations.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
    super(`the data does not fit the event ${event}: ${found}`);
    this.name = 'InvalidEvent';
    this.event = event;
    this.violations = violations;
  }
}

const NAME = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;

export const isEventName = (name: string): boolean => NAME.test(name);

/**
 * Declares an event. Its owner keeps it in `src/events.ts`; other services get it by the owner's contract.
 *
 * @throws RangeError for a name that is no routing key or a version below 1
 */
export function defineEvent<const Name extends string, Schema extends TSchema>(
  definition: EventDefinition<Schema> & { name: Name },
): EventType<Name, Static<Schema>> {
  const { name, version, description = '', schema, key } = definition;
  if (!isEventName(name)) throw new RangeError(`"${name}" is no name of an event, like "room.created"`);
  if (!Number.isInteger(version) || version < 1)
    throw new RangeError(`the version of ${name} must be 1 or more`);
  const validate = validatorOf(schema);

  const parse = (data: unknown): Static<Schema> => {
    if (validate(data)) return data;
    throw new InvalidEvent(`${name} version ${version}`, violationsOf(validate.errors ?? []));
  };
  const make = (data: Static<Schema>): EventDraft => {
    const checked = parse(data);
    return {
      event: name,
      version,
      body: JSON.stringify(checked),
      key: key === undefined ? null : key(checked),
    };
  };
  return Object.assign(make, { eventName: name, version, description, schema, parse });
}
