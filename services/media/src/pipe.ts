import { type Static, StrictObject, Type } from '@tandem/common';
import type { PipeTransport, SrtpParameters, TransportListenInfo } from 'mediasoup/types';
import type { RoomRouter } from './room-router.ts';
import { Kind, RtpParameters } from './rtp-schemas.ts';

/** Where a pipe comes to, and the key of what it sends. */
export const PipeEnd = StrictObject(
  {
    ip: Type.String({ maxLength: 64 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    srtpParameters: StrictObject({
      cryptoSuite: Type.Enum([
        'AEAD_AES_256_GCM',
        'AEAD_AES_128_GCM',
        'AES_CM_128_HMAC_SHA1_80',
        'AES_CM_128_HMAC_SHA1_32',
      ] satisfies SrtpParameters['cryptoSuite'][]),
      keyBase64: Type.String({ maxLength: 128 }),
    }),
  },
  { title: 'PipeEnd' },
);
export type PipeEnd = Static<typeof PipeEnd>;

/** A producer of one media server as another one makes it anew. */
export const Carried = Type.Object(
  { kind: Kind, rtpParameters: RtpParameters, paused: Type.Boolean() },
  { title: 'Carried' },
);
export type Carried = Static<typeof Carried>;

/** Addresses and ports for pipes: each takes a port of its own. */
export type PipeListen = TransportListenInfo;

/** A transport to another media server: encrypted, and what is lost on the way is sent again. */
export function createPipe({ router }: RoomRouter, listenInfo: PipeListen): Promise<PipeTransport> {
  return router.createPipeTransport({ listenInfo, enableRtx: true, enableSrtp: true });
}

/** What the other side has to know of a pipe. */
export function endOf({ tuple, srtpParameters }: PipeTransport): PipeEnd {
  if (srtpParameters === undefined) throw new Error('a pipe has no SRTP');
  return { ip: tuple.localAddress, port: tuple.localPort, srtpParameters };
}
