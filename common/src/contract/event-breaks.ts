import type { Break } from './break.ts';
import { type EventContract, type EventsContract, titleOf } from './event-contract.ts';
import { schemaBreaks } from './schema-breaks.ts';

/** What a reader of the former events would stumble over: events that are gone, data that the former schema refuses. */
export function eventBreaks(before: EventsContract, after: EventsContract): Break[] {
  return before.events.flatMap((event) =>
    breaksOf(event, after.events).map((found) => ({ part: titleOf(event), found })),
  );
}

function breaksOf(event: EventContract, after: readonly EventContract[]): string[] {
  const now = after.find(({ name, version }) => name === event.name && version === event.version);
  return now === undefined ? ['is gone'] : schemaBreaks(event.schema, now.schema, 'read');
}
