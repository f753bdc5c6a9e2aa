import { type Static, StrictObject, Type } from '@tandem/common';

/** Of a message: milliseconds since 1970 by the clock of Redis, and a counter within these. */
export const Cursor = Type.String({
  pattern: '^\\d{1,15}-\\d{1,10}$',
  description: 'Place of a message: it grows with each one',
});

/** In bytes of UTF-8. */
export const LARGEST_TEXT = 4_096;

export const NewMessage = StrictObject({
  id: Type.String({
    pattern: '^[\\w-]{16,64}$',
    description: 'Made up by the sender: what comes again under the same is there once',
  }),
  text: Type.String({
    minLength: 1,
    maxLength: LARGEST_TEXT,
    // Lines and tabs, but no other control character and no half of a pair.
    pattern: '^[\\n\\t\\P{C}\\p{Cf}\\p{Cn}\\p{Co}]*$',
    description: `At most ${LARGEST_TEXT} bytes of UTF-8, and not only blanks`,
  }),
});

export const Message = Type.Object({
  cursor: Cursor,
  id: Type.String({ description: 'Made up by the sender' }),
  user: Type.String(),
  name: Type.String({ description: 'Of the sender at that time; empty where it was not known' }),
  text: Type.String(),
  sentAt: Type.String({ format: 'date-time' }),
});
export type Message = Static<typeof Message>;

export const HistoryQuery = StrictObject({
  before: Type.Optional(Cursor),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
});

export const History = Type.Object({
  messages: Type.Array(Message, { description: 'The oldest first' }),
  before: Type.Union([Cursor, Type.Null()], { description: 'For the messages before these; null: no more' }),
  read: Type.Union([Cursor, Type.Null()], { description: 'Up to which the caller has read' }),
  unread: Type.Integer({ description: 'Messages of others behind that; 100 stands for more, too' }),
});

export const Read = StrictObject({ upTo: Cursor });

export const EventHeaders = Type.Object({ 'last-event-id': Type.Optional(Cursor) });
