import { type Static, Type } from 'typebox';
import { Seen } from './client-frames.ts';
import { Participant, Placement, RoomEvent } from './room-events.ts';

/** How a request or a session was refused: codes are stable. */
export const Refusal = Type.Object({
  code: Type.String(),
  title: Type.String(),
  detail: Type.Optional(Type.String()),
  retryAfterMs: Type.Optional(Type.Integer()),
});
export type Refusal = Static<typeof Refusal>;

/** The session has begun. What it holds of the room is the state after `seen.room`. */
export const Welcome = Type.Object({
  type: Type.Literal('welcome'),
  session: Type.String({ description: 'The own id among the participants, too' }),
  token: Type.String({ description: 'Resumes the session on another connection' }),
  resumeWithinMs: Type.Integer({ description: 'Whoever is away for longer has left' }),
  permissions: Type.Array(Type.String()),
  participants: Type.Array(Participant),
  seen: Seen,
});
export type Welcome = Static<typeof Welcome>;

/** The session goes on; what was missed follows. */
export const Resumed = Type.Object({
  type: Type.Literal('resumed'),
  /** Set where too much was missed: the room as it is, in place of what happened. */
  participants: Type.Union([Type.Array(Participant), Type.Null()]),
  /** Of the room as it is; whoever is in an earlier one follows. Null where nobody has entered a media server. */
  placement: Type.Union([Placement, Type.Null()]),
  seen: Seen,
});

export const Answer = Type.Union([
  Type.Object({
    type: Type.Literal('answer'),
    id: Type.Integer(),
    ok: Type.Literal(true),
    result: Type.Unknown(),
  }),
  Type.Object({
    type: Type.Literal('answer'),
    id: Type.Integer(),
    ok: Type.Literal(false),
    refusal: Refusal,
  }),
]);

export const Happened = Type.Union([
  Type.Object({
    type: Type.Literal('event'),
    from: Type.Literal('room'),
    seen: Type.String(),
    event: RoomEvent,
  }),
  Type.Object({
    type: Type.Literal('event'),
    from: Type.Literal('media'),
    peer: Type.String({ description: 'To whom the media server said it' }),
    /** Null for what is worth nothing later. */
    seen: Type.Union([Type.Integer(), Type.Null()]),
    /** As the media server has them in its OpenAPI; besides these `gone`: the peer is not there any more. */
    event: Type.Object({ type: Type.String() }, { additionalProperties: true }),
  }),
]);

/**
 * The last message of a connection. `moving`: connect again at once, the session goes on; `replaced`: another connection has
 * the session; `removed`: by a moderator; `ended`: there is no such session any more, begin a new one.
 */
export const Bye = Type.Object({
  type: Type.Literal('bye'),
  reason: Type.Union([
    Type.Literal('moving'),
    Type.Literal('replaced'),
    Type.Literal('removed'),
    Type.Literal('ended'),
    Type.Literal('refused'),
  ]),
  refusal: Type.Optional(Refusal),
});
export type ByeReason = Static<typeof Bye>['reason'];

/** What cannot be answered because it was no request. */
export const Fault = Type.Object({ type: Type.Literal('fault'), refusal: Refusal });

/** Comes when nothing else does: whoever hears nothing for longer than twice this time connects again. */
export const Beat = Type.Object({ type: Type.Literal('beat') });
export const BEAT_MS = 5_000;

export const ServerFrame = Type.Union([Welcome, Resumed, Answer, Happened, Bye, Fault, Beat]);
export type ServerFrame = Static<typeof ServerFrame>;
