import { type Static, Type } from 'typebox';

const id = Type.String({ minLength: 1, maxLength: 64 });

/** Number of a room's placement at a media server: a later one is larger. */
export const Placement = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Somebody in a call, as all others see them. */
export const Participant = Type.Object({
  /** Of the session: somebody with two tabs is there twice. */
  id,
  user: id,
  name: Type.String({ maxLength: 200 }),
  role: Type.Union([Type.Literal('moderator'), Type.Literal('participant')]),
  hand: Type.Boolean({ description: 'Raised' }),
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
  /** What somebody says, as text; a later one of the same line takes the place of the former. */
  event('caption', {
    participant: id,
    line: Type.Integer(),
    text: Type.String({ maxLength: 300 }),
    final: Type.Boolean(),
  }),
  /** Somebody has other rights now, and needs another grant to use them. */
  event('rights', { participant: id }),
  /** The room has another place at the media servers: enter that one beside the former, then leave the former. */
  event('moved', {
    placement: Placement,
    from: Type.Optional(
      Type.String({ description: 'Of which media server the people move: others are not told' }),
    ),
  }),
  /** A moderator asks somebody to be quiet; nobody can be unmuted by others. */
  event('muted', {
    participant: id,
    by: id,
    source: Type.Union([Type.Literal('camera'), Type.Literal('microphone'), Type.Literal('screen')]),
  }),
]);
export type RoomEvent = Static<typeof RoomEvent>;
