import { type Static, Type } from '@tandem/common';
import { Quality } from './quality.ts';
import { Kind } from './rtp-schemas.ts';

export const Source = Type.Enum(['camera', 'microphone', 'screen', 'screen-audio']);
export type Source = Static<typeof Source>;

/** Something that a peer sends. */
export const ProducerView = Type.Object(
  {
    id: Type.String(),
    peer: Type.String(),
    participant: Type.String({ description: 'As whom the signalling knows the peer' }),
    user: Type.String(),
    kind: Kind,
    source: Source,
    paused: Type.Boolean(),
    quality: Quality,
  },
  { title: 'Producer' },
);
export type ProducerView = Static<typeof ProducerView>;

/** Somebody in the room. */
export const PeerView = Type.Object(
  {
    id: Type.String(),
    participant: Type.String({ description: 'As whom the signalling knows the peer' }),
    user: Type.String(),
    name: Type.Optional(Type.String()),
  },
  { title: 'Peer' },
);
export type PeerView = Static<typeof PeerView>;

const layer = Type.Integer({ minimum: 0, maximum: 8 });
export const Layers = Type.Object({ spatialLayer: layer, temporalLayer: Type.Optional(layer) });

const event = <Name extends string, Properties extends Parameters<typeof Type.Object>[0]>(
  name: Name,
  properties: Properties,
) => Type.Object({ type: Type.Literal(name), ...properties });

const id = Type.String();

/** What a peer is told: what the others do, and what happens to its own media. */
export const MediaEvent = Type.Union(
  [
    event('peer.joined', { peer: PeerView }),
    event('peer.left', { peer: id }),
    event('producer.added', { producer: ProducerView }),
    event('producer.changed', { producer: id, paused: Type.Boolean() }),
    event('producer.quality', { producer: id, quality: Quality }),
    event('producer.removed', { producer: id }),
    event('consumer.layers', { consumer: id, layers: Type.Union([Layers, Type.Null()]) }),
    event('consumer.removed', { consumer: id }),
    event('speaker', { peer: id, participant: id }),
    event('volumes', {
      volumes: Type.Array(
        Type.Object({ peer: id, participant: id, dBov: Type.Integer({ minimum: -127, maximum: 0 }) }),
      ),
    }),
    event('reset', { reason: Type.Enum(['worker-lost']) }),
    event('resync', {}),
    event('draining', { draining: Type.Boolean({ description: 'False: it was called off' }) }),
  ],
  { title: 'MediaEvent' },
);
export type MediaEvent = Static<typeof MediaEvent>;
