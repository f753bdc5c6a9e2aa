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
  /** Two of three packets are lost on the way while it is true. */
  isLossy: boolean;
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
  let isLossy = false;
  const timer = setInterval(() => {
    count += 1;
    const { localPort } = transport.tuple;
    if (count % 25 === 0) socket.send(report(kind, count), localPort, '127.0.0.1');
    if (isLossy && count % 3 > 0) return;
    socket.send(kind === 'audio' ? voice(count) : picture(count), localPort, '127.0.0.1');
  }, 20);
  return {
    sending,
    get keyFrameRequests() {
      return keyFrameRequests;
    },
    get isLossy() {
      return isLossy;
    },
    set isLossy(lossy) {
      isLossy = lossy;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.close();
      transport.close();
    },
  };
}

/** A sender report (RFC 3550): with each, the server judges what arrived since the last one. */
function report(kind: 'audio' | 'video', count: number): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(kind === 'audio' ? 11_111_111 : 22_222_222, 4);
  // The time by the clock of the wall in whole seconds since 1900.
  packet.writeUInt32BE(Math.floor(Date.now() / 1_000) + 2_208_988_800, 8);
  packet.writeUInt32BE((count * (kind === 'audio' ? 960 : 1_800)) >>> 0, 16);
  packet.writeUInt32BE(count, 20);
  return packet;
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
