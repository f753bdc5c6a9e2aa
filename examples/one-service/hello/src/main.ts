import { createServer } from 'node:http';

/** All that Tandem asks of a service: listen where it is told, say when it is ready, finish on SIGTERM. */
const { HOST = '127.0.0.1', PORT = '3000', SERVICE_VERSION = 'dev', NOMAD_ALLOC_ID = 'none' } = process.env;

const server = createServer((request, response) => {
  if (request.url === '/healthz/ready') {
    response.end('ready\n');
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify({ hello: 'world', version: SERVICE_VERSION, instance: NOMAD_ALLOC_ID })}\n`);
});

server.listen(Number(PORT), HOST);
process.once('SIGTERM', () => server.close());
