import { type Static, Type } from '@tandem/common';

/** What the service is told besides what every service is told; README.md explains each. */
export const settings = {
  workers: Type.Integer({ default: 0, minimum: 0, maximum: 256, description: '0: one per core' }),
  portRtcFrom: Type.Integer({
    default: 40_000,
    minimum: 1_024,
    maximum: 65_535,
    description: 'Each worker takes one port, UDP and TCP',
  }),
  portRtcTo: Type.Integer({ default: 40_063, minimum: 1_024, maximum: 65_535 }),
  portPipeFrom: Type.Integer({
    default: 40_100,
    minimum: 1_024,
    maximum: 65_535,
    description: 'Each room that is on another media server, too, takes two of these per such server, UDP',
  }),
  portPipeTo: Type.Integer({ default: 40_199, minimum: 1_024, maximum: 65_535 }),
  rtcListenIp: Type.Optional(Type.String({ description: 'Address that media come to; left out: HOST' })),
  publicAddress: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Address or name under which clients reach the machine; left out: HOST',
    }),
  ),
  mediasoupWorkerBin: Type.Optional(
    Type.String({
      description: 'The native worker; left out: `mediasoup-worker` on PATH, else the one in the package',
    }),
  ),
  peersPerRouter: Type.Integer({
    default: 100,
    minimum: 1,
    description: 'A room with more takes another core',
  }),
  peersPerRoom: Type.Integer({ default: 1_000, minimum: 1 }),
  peerTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 100,
    description: 'A peer whose events nobody reads for so long has left',
  }),
};

export type Settings = Static<ReturnType<typeof Type.Object<typeof settings>>>;
