import type { EventKind } from '../queue/event.ts';
import { type Static, Type } from '../schema.ts';
import { validatorOf, violationsOf } from '../validator.ts';

const EventContractSchema = Type.Object({
  name: Type.String(),
  version: Type.Integer(),
  description: Type.String(),
  /** JSON Schema of the data. */
  schema: Type.Record(Type.String(), Type.Unknown()),
});

const EventsContractSchema = Type.Object({
  service: Type.String(),
  events: Type.Array(EventContractSchema),
});

/** What one event promises. */
export type EventContract = Static<typeof EventContractSchema>;

/** `contract/events.json`: what a service tells others. */
export type EventsContract = Static<typeof EventsContractSchema>;

const isEventsContract = validatorOf(EventsContractSchema);

export function eventsContractOf(service: string, publishes: readonly EventKind[]): EventsContract {
  const events = publishes
    .map(({ eventName, version, description, schema }) => ({
      name: eventName,
      version,
      description,
      schema: plain(schema),
    }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en') || one.version - other.version);
  return { service, events };
}

/** @throws Error for text that is no contract of events */
export function parseEventsContract(text: string): EventsContract {
  const value: unknown = JSON.parse(text);
  if (isEventsContract(value)) return value;
  const found = violationsOf(isEventsContract.errors ?? []);
  throw new Error(
    `not a contract of events: ${found.map((each) => `${each.pointer} ${each.detail}`).join('; ')}`,
  );
}

/** A contract as it is committed. */
export function formatContract(contract: object): string {
  return `${JSON.stringify(contract, null, 2)}\n`;
}

/** One event in words. */
export function titleOf({ name, version }: { name: string; version: number }): string {
  return `${name} version ${version}`;
}

/** TypeBox keeps more in a schema than JSON Schema knows; what is written does not have it. */
function plain(schema: EventKind['schema']): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema));
}
