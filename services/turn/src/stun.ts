import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

/** RFC 8489, section 5: type, length, magic cookie, transaction. */
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const MAGIC_COOKIE = 0x2112a442;

/**
 * Whether a STUN server answers a Binding request over UDP.
 *
 * @throws Error when it does not in time
 */
export function checkStun(host: string, port: number, timeoutMs: number): Promise<void> {
  const request = Buffer.alloc(20);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(MAGIC_COOKIE, 4);
  randomBytes(12).copy(request, 8);
  const socket = createSocket('udp4');
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const settle = (error?: Error) => {
      clearTimeout(timer);
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on('error', settle);
    socket.on('message', (answer) => {
      const isOurs = answer.length >= 20 && answer.subarray(8, 20).equals(request.subarray(8));
      if (isOurs && answer.readUInt16BE(0) === BINDING_SUCCESS) settle();
    });
    // Connected, so that a closed port is told at once.
    socket.connect(port, host, () => socket.send(request, (error) => error && settle(error)));
  }).finally(() => socket.close());
}
