import { type Static, Type } from 'typebox';

/** Another one is refused: client and server then differ in more than what is left out. */
export const PROTOCOL_VERSION = 1;

/** In bytes, of either side; nothing is compressed. */
export const LARGEST_FRAME = 64 * 1024;

const version = Type.Literal(PROTOCOL_VERSION);
const token = Type.String({ minLength: 1, maxLength: 4_096 });

/** Where somebody stopped listening: behind these nothing was seen. */
export const Seen = Type.Object(
  {
    room: Type.String({ pattern: '^\\d{1,20}-\\d{1,20}$', description: 'Of the last event of the room' }),
    media: Type.Record(Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0 }), {
      description: 'Of the last event of each peer at a media server',
      maxProperties: 8,
    }),
  },
  { additionalProperties: false },
);
export type Seen = Static<typeof Seen>;

/** The first message of a new session. */
export const Hello = Type.Object(
  { type: Type.Literal('hello'), version, grant: token },
  { additionalProperties: false },
);

/** The first message of somebody who was here a moment ago. */
export const Resume = Type.Object(
  { type: Type.Literal('resume'), version, session: token, token, seen: Seen },
  { additionalProperties: false },
);

/** Everything after that. `params` are checked by the method, see methods.ts. */
export const Request = Type.Object(
  {
    type: Type.Literal('request'),
    id: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Comes back in the answer',
    }),
    method: Type.String({ maxLength: 64 }),
    params: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
);
export type Request = Static<typeof Request>;

export const ClientFrame = Type.Union([Hello, Resume, Request]);
export type ClientFrame = Static<typeof ClientFrame>;
