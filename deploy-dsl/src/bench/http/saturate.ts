import { connect, type Socket } from 'node:net';

export interface Request {
  port: number;
  path: string;
  authorization: string;
}

/**
 * As many requests as possible for some time: each connection sends the next one when it has the answer. Made by hand,
 * because Node's own client would need more CPU than the servers that are measured.
 *
 * @returns how many were answered, all with 200
 * @throws Error for any other answer
 */
export async function saturate(request: Request, connections: number, ms: number): Promise<number> {
  const head = [
    `GET ${request.path} HTTP/1.1`,
    `host: 127.0.0.1:${request.port}`,
    ...(request.authorization === '' ? [] : [`authorization: ${request.authorization}`]),
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
  const end = performance.now() + ms;
  const counts = await Promise.all(
    Array.from({ length: connections }, () => useConnection(connect(request.port, '127.0.0.1'), bytes, end)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function useConnection(socket: Socket, request: Buffer, end: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let answered = 0;
  let received = '';
  socket.setNoDelay(true).setEncoding('latin1');
  socket.on('connect', () => socket.write(request));
  socket.on('data', (text: string) => {
    received += text;
    const length = lengthOf(received);
    if (length === null || received.length < length) return;
    if (!received.startsWith('HTTP/1.1 200 ')) {
      socket.destroy(new Error(`an answer to a request of the bench: ${received.slice(0, 200)}`));
      return;
    }
    received = '';
    answered++;
    if (performance.now() < end) socket.write(request);
    else socket.destroy();
  });
  socket.on('error', reject);
  socket.on('close', () =>
    answered > 0 ? resolve(answered) : reject(new Error('the edge closed a connection')),
  );
  return promise;
}

/** Of head and body; null while the head is not complete. */
function lengthOf(answer: string): number | null {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return null;
  return head + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1] ?? 0);
}
