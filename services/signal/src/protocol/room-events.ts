import { type Static, Type } from 'typebox';

const id = Type.String({ minLength: 1, maxLength: 64 });

/** Somebody in a call, as all others see them. */
export const Participant = Type.Object({
  /** Of the session: somebody with two tabs is there twice. */
  id,
  user: id,
  name: Type.String({ maxLength: 200 }),
  role: Type.Union([Type.Literal('moderator'), Type.Literal('participant')]),
  hand: Type.Boolean({ description: 'Raised' }),
  /** Of the peer at the media server; null before there is one. What somebody sends is known by it. */
  peer: Type.Union([id, Type.Null()]),
});
export type Participant = Static<typeof Participant>;

const event = <Name extends string, Properties extends Parameters<typeof Type.Object>[0]>(
  name: Name,
  properties: Properties,
) => Type.Object({ type: Type.Literal(name), ...properties });

/** What happens in a room, in one order for everybody. */
export const RoomEvent = Type.Union([
  event('joined', { participant: Participant }),
  event('left', {
    participant: id,
    why: Type.Union([Type.Literal('left'), Type.Literal('lost'), Type.Literal('removed')]),
  }),
  event('changed', { participant: Participant }),
  event('reaction', { participant: id, emoji: Type.String({ maxLength: 16 }) }),
  /** Somebody has other rights now, and needs another grant to use them. */
  event('rights', { participant: id }),
  /** A moderator asks somebody to be quiet; nobody can be unmuted by others. */
  event('muted', {
    participant: id,
    by: id,
    source: Type.Union([Type.Literal('camera'), Type.Literal('microphone'), Type.Literal('screen')]),
  }),
]);
export type RoomEvent = Static<typeof RoomEvent>;
