import { type Static, type TSchema, Type } from 'typebox';
import { Placement } from './room-events.ts';

const id = Type.String({ minLength: 1, maxLength: 64 });
const nothing = Type.Object({}, { additionalProperties: false });
const strict = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/** What mediasoup and its client tell each other; the media server checks it. */
const opaque = Type.Record(Type.String(), Type.Unknown());
const layers = strict({
  spatialLayer: Type.Integer({ minimum: 0, maximum: 8 }),
  temporalLayer: Type.Optional(Type.Integer({ minimum: 0, maximum: 8 })),
});
const source = Type.Union([
  Type.Literal('camera'),
  Type.Literal('microphone'),
  Type.Literal('screen'),
  Type.Literal('screen-audio'),
]);

/** Servers that carry media past a network that lets nothing through, as RTCPeerConnection takes them; maybe none. */
const IceServers = Type.Array(
  Type.Object({ urls: Type.Array(Type.String()), username: Type.String(), credential: Type.String() }),
);

/** Every method, by name, with what it takes and what it answers. */
export const methods = {
  /** Raise or lower the hand. */
  'self.hand': { params: strict({ raised: Type.Boolean() }), result: nothing },
  'self.react': { params: strict({ emoji: Type.String({ minLength: 1, maxLength: 16 }) }), result: nothing },
  /** What one says, as text: a line grows until it is final. For those who may be heard. */
  'self.caption': {
    params: strict({
      line: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      text: Type.String({ minLength: 1, maxLength: 300 }),
      final: Type.Boolean(),
    }),
    result: nothing,
  },
  /** Leave for good: nobody waits for a return. */
  'self.leave': { params: nothing, result: nothing },
  /** For moderators. Whoever is muted is told and can unmute again. */
  'moderate.mute': {
    params: strict({
      participant: id,
      source: Type.Union([Type.Literal('camera'), Type.Literal('microphone'), Type.Literal('screen')]),
    }),
    result: nothing,
  },
  'moderate.remove': { params: strict({ participant: id }), result: nothing },
  /** Tells somebody that rooms has given them other rights: their client gets another grant, and shows it by `self.grant`. */
  'moderate.rights': { params: strict({ participant: id }), result: nothing },
  /** A later grant for the same person and room: what it says counts from now on. */
  'self.grant': {
    params: strict({ grant: Type.String({ minLength: 1, maxLength: 4_096 }) }),
    result: Type.Object({ permissions: Type.Array(Type.String()) }),
  },
  /** For a connection that looks for another path: the credentials that it had may have ended. */
  'self.ice-servers': { params: nothing, result: Type.Object({ iceServers: IceServers }) },
  /** Enter the media server of the room; with a fresh grant where the one of the hello has expired. */
  'media.join': {
    params: strict({ grant: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })) }),
    result: Type.Object({
      ...{ peer: id, placement: Placement, state: opaque, transports: opaque, iceServers: IceServers },
    }),
  },
  /** Leave it, once everything has gone over to the next one. What follows names the peer for the same reason. */
  'media.leave': { params: strict({ peer: id }), result: nothing },
  'media.transport': {
    params: strict({ peer: id, direction: Type.Union([Type.Literal('send'), Type.Literal('receive')]) }),
    result: opaque,
  },
  'media.connect': { params: strict({ peer: id, transport: id, dtlsParameters: opaque }), result: nothing },
  'media.restart-ice': { params: strict({ peer: id, transport: id }), result: opaque },
  'media.close-transport': { params: strict({ peer: id, transport: id }), result: nothing },
  'media.produce': {
    params: strict({
      peer: id,
      transport: id,
      source,
      rtpParameters: opaque,
      paused: Type.Optional(Type.Boolean()),
    }),
    result: Type.Object({ id }),
  },
  'media.pause': { params: strict({ peer: id, producer: id, paused: Type.Boolean() }), result: nothing },
  'media.stop': { params: strict({ peer: id, producer: id }), result: nothing },
  'media.consume': {
    params: strict({
      peer: id,
      transport: id,
      producer: id,
      rtpCapabilities: opaque,
      layers: Type.Optional(layers),
      paused: Type.Optional(Type.Boolean()),
    }),
    result: opaque,
  },
  'media.show': {
    params: strict({
      peer: id,
      consumer: id,
      paused: Type.Optional(Type.Boolean()),
      layers: Type.Optional(layers),
      priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 255 })),
      keyFrame: Type.Optional(Type.Literal(true)),
    }),
    result: nothing,
  },
  'media.hide': { params: strict({ peer: id, consumer: id }), result: nothing },
} as const satisfies Record<string, { params: TSchema; result: TSchema }>;

export type MethodName = keyof typeof methods;
export type Params<Name extends MethodName> = Static<(typeof methods)[Name]['params']>;
export type Result<Name extends MethodName> = Static<(typeof methods)[Name]['result']>;
