import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { PlainTransport, RtpParameters } from 'mediasoup/types';
import type { Source } from '../src/events.ts';
import type { Peer, Sending } from '../src/peer.ts';
import type { Room } from '../src/room.ts';

/** Real packets over UDP, for peers that are no browsers. */

const LISTEN = { protocol: 'udp', ip: '127.0.0.1' } as const;

const parameters: Record<'audio' | 'video', RtpParameters> = {
  audio: {
    codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 }],
    encodings: [{ ssrc: 11_111_111 }],
  },
  video: {
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: 96,
        clockRate: 90_000,
        rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
      },
    ],
    encodings: [{ ssrc: 22_222_222 }],
  },
};

export interface Sender extends Disposable {
  sending: Sending;
  /** How often a key frame was asked for. */
  readonly keyFrameRequests: number;
}

/** Sends until it is disposed of: 50 packets a second, loud ones, of Opus or of VP8 whose every frame is a key frame. */
export async function send(room: Room, peer: Peer, source: Source): Promise<Sender> {
  const kind = source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';
  const { at } = peer.media;
  const transport = await at.router.createPlainTransport({
    listenInfo: LISTEN,
    rtcpMux: true,
    comedia: true,
  });
  const producer = await transport.produce({ kind, rtpParameters: parameters[kind] });
  const sending = { producer, source, at };
  await room.announce(peer, sending);
  const socket = createSocket('udp4');
  let keyFrameRequests = 0;
  // RTCP payload-specific feedback (206) of the kind "picture loss" (1).
  socket.on('message', (packet) => {
    if (packet[1] === 206 && ((packet[0] ?? 0) & 0x1f) === 1) keyFrameRequests += 1;
  });
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    socket.send(kind === 'audio' ? voice(count) : picture(count), transport.tuple.localPort, '127.0.0.1');
  }, 20);
  return {
    sending,
    get keyFrameRequests() {
      return keyFrameRequests;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.close();
      transport.close();
    },
  };
}

function voice(count: number): Buffer {
  const packet = header({
    count,
    payloadType: 111,
    timestamp: count * 960,
    ssrc: 11_111_111,
    extended: true,
  });
  // RFC 6464 in a one-byte extension (RFC 8285): voice, at -10 dBov.
  const level = Buffer.from([0xbe, 0xde, 0, 1, 0x10, 0x80 | 10, 0, 0]);
  return Buffer.concat([packet, level, Buffer.alloc(80, 1)]);
}

function picture(count: number): Buffer {
  const packet = header({
    count,
    payloadType: 96,
    timestamp: count * 1_800,
    ssrc: 22_222_222,
    extended: false,
  });
  const payload = Buffer.alloc(1_000);
  // VP8 (RFC 7741): the start of a partition; then a frame whose P bit says that it is a key frame.
  payload[0] = 0x10;
  payload[1] = 0x10;
  return Buffer.concat([packet, payload]);
}

interface Header {
  count: number;
  payloadType: number;
  timestamp: number;
  ssrc: number;
  extended: boolean;
}

function header({ count, payloadType, timestamp, ssrc, extended }: Header): Buffer {
  const buffer = Buffer.alloc(12);
  buffer[0] = extended ? 0x90 : 0x80;
  buffer[1] = 0x80 | payloadType;
  buffer.writeUInt16BE(count & 0xff_ff, 2);
  buffer.writeUInt32BE(timestamp >>> 0, 4);
  buffer.writeUInt32BE(ssrc, 8);
  return buffer;
}

export interface Receiver extends Disposable {
  transport: PlainTransport;
  /** RTP packets that came. */
  readonly packets: number;
}

/** A transport of a peer whose packets are counted. */
export async function receive(peer: Peer): Promise<Receiver> {
  const socket: Socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let packets = 0;
  socket.on('message', (packet) => {
    // RTCP has packet types from 192 to 223 there; with the SSRC 1234 mediasoup probes for bandwidth.
    const type = packet[1] ?? 0;
    if ((type < 192 || type > 223) && packet.readUInt32BE(8) !== 1_234) packets += 1;
  });
  const transport = await peer.media.at.router.createPlainTransport({ listenInfo: LISTEN, rtcpMux: true });
  await transport.connect({ ip: '127.0.0.1', port: socket.address().port });
  return {
    transport,
    get packets() {
      return packets;
    },
    [Symbol.dispose]() {
      socket.close();
      transport.close();
    },
  };
}
