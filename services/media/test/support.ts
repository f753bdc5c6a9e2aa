import { randomUUID } from 'node:crypto';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import {
  type Answer,
  collectLog,
  createTokenIssuer,
  freePort,
  type LogLines,
  type Method,
  send,
  type TokenIssuer,
  untilReady,
} from '@tandem/common/testing';
import { media } from '../src/service.ts';
import { workerBin } from './worker-bin.ts';

export interface Running {
  service: BuiltService;
  /** Stands in for rooms. */
  issuer: TokenIssuer;
  log: LogLines;
  /** An Authorization header with a grant. */
  grant(user: string, room: string, permissions?: string[]): string;
  send(method: Method, path: string, authorization?: string, body?: unknown): Promise<Answer>;
  /** Enters a room. */
  join(user: string, permissions?: string[]): Promise<Joined>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Joined {
  id: string;
  /** An Authorization header. */
  authorization: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  state: any;
  send(method: Method, path: string, body?: unknown): Promise<Answer>;
}

export const ROOM = 'r'.repeat(22);

/** The service with one real worker, beside a stand-in for rooms. */
export async function startMedia(env: Record<string, string> = {}): Promise<Running> {
  const issuer = createTokenIssuer('rooms');
  await issuer.listen();
  const log = collectLog();
  const port = String(await freePort());
  const bin = workerBin();
  const service = await media.build({
    env: {
      WORKERS: '1',
      PORT: '0',
      PORT_RTC_FROM: port,
      PORT_RTC_TO: port,
      ...(bin === undefined ? {} : { MEDIASOUP_WORKER_BIN: bin }),
      ...env,
    },
    logOutput: log,
    discovery: createStaticDiscovery({ rooms: issuer.instances }),
  });
  await untilReady(service);

  const grant: Running['grant'] = (user, room, permissions = ['receive', 'send', 'share-screen']) => {
    const options = { type: 'grant+jwt', audience: 'tandem/call', lifetimeS: 120 };
    return `Bearer ${issuer.token(user, { room, permissions, name: user }, options)}`;
  };
  const sendTo: Running['send'] = (method, path, authorization, body) =>
    send(service, method, path, { authorization, body });
  return {
    ...{ service, issuer, log, grant, send: sendTo },
    async join(user, permissions) {
      const { status, code, body } = await sendTo(
        'POST',
        `/api/media/rooms/${ROOM}/peers`,
        grant(user, ROOM, permissions),
        {},
      );
      if (status !== 201) throw new Error(`not let in: ${status} ${code}`);
      const authorization = `Bearer ${body.token}`;
      return {
        ...{ id: body.peer, authorization, state: body.state },
        send: (method, path, content) =>
          sendTo(method, `/api/media/peers/${body.peer}${path}`, authorization, content),
      };
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await issuer.close();
    },
  };
}

export const nobody = () => randomUUID();

/** As a browser would say it, for a camera in three sizes. */
export const cameraParameters = {
  mid: '0',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
    },
  ],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 },
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 10 },
  ],
  encodings: ['r0', 'r1', 'r2'].map((rid) => ({ rid, scalabilityMode: 'L1T3' })),
  rtcp: { cname: 'ada' },
};

export const microphoneParameters = {
  mid: '1',
  codecs: [
    { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { usedtx: 1 } },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 }],
  encodings: [{ ssrc: 4_242 }],
};
