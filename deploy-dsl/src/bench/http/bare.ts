import { createServer } from 'node:http';
import { type Listening, profile } from './served.ts';

/** The least that a program can do: no token is looked at, nothing is validated, logged or measured. */
const server = createServer((_request, response) => {
  const body = JSON.stringify(profile);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens on a port');
  const listening: Listening = { port: address.port, authorization: '' };
  process.send?.(listening);
});
process.once('disconnect', () => process.exit(0));
