import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Calls } from '../../src/cluster/call-servers.ts';

/** What an operator's command sees of a media server: its calls, and that it is being drained. */
export interface MediaServer extends AsyncDisposable {
  readonly port: number;
  readonly state: Calls;
  /** It hangs from now on. */
  hang(): void;
}

export async function startMediaServer(calls: Calls['calls']): Promise<MediaServer> {
  const state: Calls = { draining: false, calls };
  let hangs = false;
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    if (hangs) return;
    if (request.url === '/internal/drain') state.draining = request.method === 'PUT';
    else if (request.url !== '/internal/calls') return response.writeHead(404).end('{}');
    return response.writeHead(200).end(JSON.stringify(state));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    state,
    hang() {
      hangs = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
