import type { Agent, IncomingMessage } from 'node:http';

/**
 * Not imported: a module that imports node:http makes Node evaluate all its exports at once, among them WebSocket, and
 * with it its HTTP client, which takes 7 MB that no service needs.
 */
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http');

export interface RawRequest {
  host: string;
  port: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
}

export interface RawResponse {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A request failed before a whole answer was there. */
export class TransportError extends Error {
  /** The other side cannot have seen the request, so that sending it again is safe whatever it does. */
  readonly neverSent: boolean;

  constructor(reason: string, neverSent: boolean, cause?: unknown) {
    super(reason, cause === undefined ? {} : { cause });
    this.name = 'TransportError';
    this.neverSent = neverSent;
  }
}

/** An answer larger than this is not what any of our services sends. */
const LARGEST_BODY = 4 * 1024 * 1024;

const MAX_CONNECTIONS_PER_INSTANCE = 64;

export function createAgent(): Agent {
  return new HttpAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS_PER_INSTANCE, scheduling: 'lifo' });
}

/**
 * One HTTP exchange, answered within `timeoutMs` or not at all.
 * @throws TransportError
 */
export function exchange(agent: Agent, options: RawRequest): Promise<RawResponse> {
  const { host, port, method, path, headers, body, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    let connected = false;
    const request = httpRequest({ agent, host, port, method, path, headers });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(new TransportError(error.message, !connected, error));
    };
    request.on('socket', (socket) => {
      connected = !socket.connecting;
      // A connection that is used again and again never connects again: a listener would stay for each request.
      if (connected) return;
      socket.once('connect', () => {
        connected = true;
      });
    });
    request.on('error', fail);
    request.on('response', (response) => {
      readBody(response).then(
        (text) => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        },
        (error: Error) => {
          request.destroy();
          fail(error);
        },
      );
    });
    request.end(body);
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
