import { type TSchema, Type } from '@tandem/common';

/** The shapes of mediasoup's parameters, as far as they are ours to check: mediasoup itself looks at the meaning. */

const text = (maxLength: number) => Type.String({ maxLength });
const uint32 = Type.Integer({ minimum: 0, maximum: 0xff_ff_ff_ff });
const payloadType = Type.Integer({ minimum: 0, maximum: 127 });
/** Of a codec or an extension: mediasoup reads these of clients only, and says more itself. */
const GivenValue = Type.Union([text(256), Type.Number(), Type.Boolean(), Type.Null()]);
const Feedback = Type.Array(Type.Object({ type: text(32), parameter: Type.Optional(text(32)) }), {
  maxItems: 16,
});

export const Kind = Type.Enum(['audio', 'video']);

const ExtensionUri = Type.Enum([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'urn:ietf:params:rtp-hdrext:toffset',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'urn:mediasoup:params:rtp-hdrext:packet-id',
]);

const codecOf = <Value extends TSchema>(value: Value) => ({
  mimeType: Type.String({ pattern: '^(audio|video)/[\\w.-]{1,32}$' }),
  clockRate: Type.Integer({ minimum: 1, maximum: 192_000 }),
  channels: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
  parameters: Type.Optional(Type.Record(text(64), value)),
  rtcpFeedback: Type.Optional(Feedback),
});

const Encoding = Type.Object({
  ssrc: Type.Optional(uint32),
  rid: Type.Optional(text(16)),
  codecPayloadType: Type.Optional(payloadType),
  rtx: Type.Optional(Type.Object({ ssrc: uint32 })),
  dtx: Type.Optional(Type.Boolean()),
  scalabilityMode: Type.Optional(Type.String({ pattern: '^[LS][1-9]T[1-9](_KEY(_SHIFT)?)?$' })),
  maxBitrate: Type.Optional(Type.Integer({ minimum: 1, maximum: 1e9 })),
});

const rtpParametersOf = <Value extends TSchema>(value: Value) =>
  Type.Object({
    mid: Type.Optional(text(32)),
    msid: Type.Optional(text(256)),
    codecs: Type.Array(Type.Object({ ...codecOf(value), payloadType }), { minItems: 1, maxItems: 32 }),
    headerExtensions: Type.Optional(
      Type.Array(
        Type.Object({
          uri: ExtensionUri,
          id: Type.Integer({ minimum: 1, maximum: 255 }),
          encrypt: Type.Optional(Type.Boolean()),
          parameters: Type.Optional(Type.Record(text(64), value)),
        }),
        { maxItems: 32 },
      ),
    ),
    encodings: Type.Optional(Type.Array(Encoding, { minItems: 1, maxItems: 3 })),
    rtcp: Type.Optional(
      Type.Object({ cname: Type.Optional(text(256)), reducedSize: Type.Optional(Type.Boolean()) }),
    ),
  });

const rtpCapabilitiesOf = <Value extends TSchema>(value: Value) =>
  Type.Object({
    codecs: Type.Optional(
      Type.Array(Type.Object({ ...codecOf(value), kind: Kind, preferredPayloadType: payloadType }), {
        maxItems: 64,
      }),
    ),
    headerExtensions: Type.Optional(
      Type.Array(
        Type.Object({
          kind: Kind,
          uri: ExtensionUri,
          preferredId: Type.Integer({ minimum: 1, maximum: 255 }),
          preferredEncrypt: Type.Optional(Type.Boolean()),
          direction: Type.Optional(Type.Enum(['sendrecv', 'sendonly', 'recvonly', 'inactive'])),
        }),
        { maxItems: 64 },
      ),
    ),
  });

/** What clients say. */
export const GivenRtpParameters = rtpParametersOf(GivenValue);
export const GivenRtpCapabilities = rtpCapabilitiesOf(GivenValue);

/** What mediasoup says. */
export const RtpParameters = rtpParametersOf(Type.Unknown());
export const RtpCapabilities = rtpCapabilitiesOf(Type.Unknown());

export const DtlsParameters = Type.Object(
  {
    role: Type.Optional(Type.Enum(['auto', 'client', 'server'])),
    fingerprints: Type.Array(
      Type.Object({
        algorithm: Type.Enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: Type.String({ pattern: '^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){19,63}$' }),
      }),
      { minItems: 1, maxItems: 8 },
    ),
  },
  { title: 'DtlsParameters' },
);

export const IceParameters = Type.Object({
  usernameFragment: Type.String(),
  password: Type.String(),
  iceLite: Type.Optional(Type.Boolean()),
});

export const IceCandidate = Type.Object({
  foundation: Type.String(),
  priority: Type.Integer(),
  ip: Type.String(),
  address: Type.String(),
  protocol: Type.Enum(['udp', 'tcp']),
  port: Type.Integer(),
  type: Type.Literal('host'),
  tcpType: Type.Optional(Type.Literal('passive')),
});
