import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A service for the edge's tests: tells what reached it and who it is. `/…?wait=ms` answers late, `?flush`
 * sends the headers at once, `?size=n` with n bytes,
 * `?status=n` with that status; a WebSocket gets one message with the instance's id.
 */
const { HOST, PORT, NOMAD_ALLOC_ID = '', SERVICE_VERSION = '' } = process.env;

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://echo');
  if (url.pathname === '/healthz/ready') {
    response.end('ready');
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  response.statusCode = Number(url.searchParams.get('status') ?? 200);
  response.setHeader('content-type', 'application/json');
  if (url.searchParams.has('flush')) response.flushHeaders();
  await sleep(Number(url.searchParams.get('wait') ?? 0));
  response.end(
    JSON.stringify({
      instance: NOMAD_ALLOC_ID,
      version: SERVICE_VERSION,
      pid: process.pid,
      url: request.url,
      method: request.method,
      headers: request.headers,
      body: Buffer.concat(chunks).length,
      padding: ' '.repeat(Number(url.searchParams.get('size') ?? 0)),
    }),
  );
});

server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  // One unmasked text frame.
  socket.write(Buffer.concat([Buffer.from([0x81, NOMAD_ALLOC_ID.length]), Buffer.from(NOMAD_ALLOC_ID)]));
  socket.on('error', () => socket.destroy());
});

server.listen(Number(PORT), HOST);
process.once('SIGTERM', () => server.close());
