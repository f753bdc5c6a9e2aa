import { StrictObject, Type } from '@tandem/common';
import { Layers, PeerView, ProducerView, Source } from './events.ts';
import {
  DtlsParameters,
  GivenRtpCapabilities,
  GivenRtpParameters,
  IceCandidate,
  IceParameters,
  Kind,
  RtpCapabilities,
  RtpParameters,
} from './rtp-schemas.ts';

const Uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });

export const RoomParams = Type.Object({
  room: Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\w-]+$' }),
});
export const SubscriberParams = Type.Object({ ...RoomParams.properties, subscriber: Uuid });
export const CarriedParams = Type.Object({ ...SubscriberParams.properties, producer: Uuid });
export const PeerParams = Type.Object({ peer: Uuid });
export const TransportParams = Type.Object({ peer: Uuid, transport: Uuid });
export const ProducerParams = Type.Object({ peer: Uuid, producer: Uuid });
export const ConsumerParams = Type.Object({ peer: Uuid, consumer: Uuid });

/** Of a request for events. */
export const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
});

const Encoding = Type.Object({
  rid: Type.Optional(Type.String()),
  scaleResolutionDownBy: Type.Optional(Type.Number()),
  maxBitrate: Type.Integer(),
  scalabilityMode: Type.String(),
});

/** Everything a peer needs to know to begin. */
export const State = Type.Object(
  {
    events: Type.Integer({ description: 'Id of the last event that this includes; read on after it' }),
    peers: Type.Array(PeerView),
    producers: Type.Array(ProducerView),
    rtpCapabilities: RtpCapabilities,
    encodings: Type.Object({ camera: Type.Array(Encoding), screen: Type.Array(Encoding) }),
  },
  { title: 'State' },
);

const Server = StrictObject(
  {
    host: Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\w.:-]+$' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  },
  { title: 'MediaServer', description: 'Where a media server listens' },
);

export const NewSubscriber = StrictObject({ from: Server, to: Server });

/** What another media server is told of the people of a room who are here. */
export const Subscribed = Type.Object(
  {
    subscriber: Type.String(),
    token: Type.String({
      description: 'Bearer token of everything below /internal/rooms/:room/subscribers/:subscriber',
    }),
    events: Type.Integer({ description: 'Id of the last event that this includes; read on after it' }),
    peers: Type.Array(PeerView),
    producers: Type.Array(ProducerView),
  },
  { title: 'Subscribed' },
);

export const NewTransport = StrictObject({ direction: Type.Enum(['send', 'receive']) });

export const TransportView = Type.Object({
  id: Type.String(),
  iceParameters: IceParameters,
  iceCandidates: Type.Array(IceCandidate),
  dtlsParameters: DtlsParameters,
});

export const NewPeer = StrictObject({
  participant: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'As whom the signalling knows it; left out: its own id',
    }),
  ),
  placement: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Number of the lease by which the room is here; one that is older than another is refused',
    }),
  ),
  transports: Type.Optional(Type.Boolean({ description: 'Make one for each direction at once' })),
  atMost: Type.Optional(
    Type.Integer({ minimum: 1, description: 'People who may be here then; where there are more: room-full' }),
  ),
  here: Type.Optional(Server),
  others: Type.Optional(
    Type.Array(Server, { maxItems: 64, description: 'Media servers that have people of the room, too' }),
  ),
});

export const Joined = Type.Object({
  peer: Type.String(),
  token: Type.String({ description: 'Bearer token of everything below /api/media/peers/:peer' }),
  state: State,
  transports: Type.Union([
    Type.Object({ send: TransportView, receive: Type.Union([TransportView, Type.Null()]) }),
    Type.Null(),
  ]),
});

const count = Type.Integer({ minimum: 0 });

export const Load = Type.Object(
  {
    cloud: Type.String(),
    workers: count,
    rooms: count,
    peers: count,
    streams: Type.Integer({ minimum: 0, description: 'What is sent and what is received, over all peers' }),
    draining: Type.Boolean(),
  },
  { title: 'Load' },
);

export const Calls = Type.Object(
  {
    draining: Type.Boolean(),
    calls: Type.Array(Type.Object({ room: Type.String(), people: count })),
  },
  { title: 'Calls' },
);

export const Connection = StrictObject({ dtlsParameters: DtlsParameters });

export const NewProducer = StrictObject({
  transport: Uuid,
  source: Source,
  rtpParameters: GivenRtpParameters,
  paused: Type.Optional(Type.Boolean()),
});

export const ProducerChanges = StrictObject({ paused: Type.Boolean() });

export const NewConsumer = StrictObject({
  transport: Uuid,
  producer: Uuid,
  rtpCapabilities: GivenRtpCapabilities,
  layers: Type.Optional(Layers),
  paused: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'False: it goes on as soon as the transport is connected, or at once where it is',
    }),
  ),
});

export const ConsumerView = Type.Object({
  id: Type.String(),
  producer: Type.String(),
  kind: Kind,
  type: Type.Enum(['simple', 'simulcast', 'svc', 'pipe']),
  rtpParameters: RtpParameters,
  producerPaused: Type.Boolean(),
});

export const ConsumerChanges = StrictObject(
  {
    paused: Type.Optional(Type.Boolean()),
    layers: Type.Optional(Layers),
    priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 255 })),
    keyFrame: Type.Optional(Type.Literal(true, { description: 'Ask the sender for one' })),
  },
  { minProperties: 1, description: 'What is not named stays' },
);

export const Stats = Type.Object({
  stats: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
    description: "mediasoup's own figures, one object per stream or transport",
  }),
});
