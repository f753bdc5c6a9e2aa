import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Instance } from '@tandem/common';

/** Speaks as the service media does, as far as signalling hears it, and carries nothing. */
export interface MediaServer {
  readonly instance: Instance;
  /** What it says of itself. */
  readonly load: { streams: number; draining: boolean; silent: boolean };
  /** Who has entered, with the number of the placement, and the ports of the other servers of the room. */
  readonly entered: { participant: string; placement: number; peer: string; others: number[] }[];
  /** Peers that have left. */
  readonly left: string[];
  /** Tells all peers, and those who come later. */
  drain(draining: boolean): void;
  /** As a process that dies: connections break, and nobody listens any more. */
  kill(): Promise<void>;
}

export async function startMediaServer(id: string, cloud = 'local'): Promise<MediaServer> {
  const entered: MediaServer['entered'] = [];
  const left: string[] = [];
  const readers = new Set<ServerResponse>();
  const load = { streams: 0, draining: false, silent: false };
  const drainLine = () => `data: ${JSON.stringify({ type: 'draining', draining: load.draining })}\n\n`;

  const server = createServer(async (request, response) => {
    response.on('error', () => undefined);
    const path = request.url ?? '';
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/internal/load' && load.silent) return;
    if (path === '/internal/load')
      return json(200, { cloud, workers: 1, streams: load.streams, draining: load.draining });
    const [, room] = /^\/api\/media\/rooms\/([^/]+)\/peers$/.exec(path) ?? [];
    if (room !== undefined) {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { participant, placement, atMost, others } = JSON.parse(text);
      const largest = Math.max(0, ...entered.map((each) => each.placement));
      if (placement < largest) return json(409, { code: 'placement-stale', title: 'stale' });
      if (entered.length >= (atMost ?? 100)) return json(409, { code: 'room-full', title: 'full' });
      const peer = `${id}-${entered.length}`;
      entered.push({ participant, placement, peer, others: others.map((each: Instance) => each.port) });
      return json(201, { peer, token: 't', state: { events: 0 }, transports: { send: {}, receive: {} } });
    }
    const [, peer = '', rest] = /^\/api\/media\/peers\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (request.method === 'DELETE' && rest === undefined) {
      left.push(peer);
      return response.writeHead(204).end();
    }
    if (rest === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      if (load.draining) response.write(drainLine());
      readers.add(response);
      response.once('close', () => readers.delete(response));
      return;
    }
    return json(201, { id: `${peer}${rest}` });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ instance: { id, host: '127.0.0.1', port, passing: true }, load, entered, left },
    drain(draining) {
      load.draining = draining;
      for (const reader of readers) reader.write(drainLine());
    },
    async kill() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
