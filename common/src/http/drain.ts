import type { Socket } from 'node:net';
import type { App } from './app.ts';

/** How long idle connections may stay open to deliver one more request, in ms. */
const IDLE_GRACE_MS = 1_000;

export interface Drain {
  readonly stopping: boolean;
  /** Ends the server without losing a request; resolves when every connection is closed. */
  stop(): Promise<void>;
}

/**
 * Stops a server so that nobody notices. A keep-alive connection must not be closed while the other side may be
 * sending into it, so for a moment every answer tells the other side to close it ("Connection: close"), and requests
 * are still served. Connections that stayed idle are closed then, and the rest after its last answer.
 */
export function createDrain(app: App): Drain {
  const sockets = new Set<Socket>();
  let stopping = false;
  let allClosed: (() => void) | null = null;

  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) allClosed?.();
    });
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (stopping) reply.header('connection', 'close');
    done();
  });

  return {
    get stopping() {
      return stopping;
    },
    async stop() {
      stopping = true;
      if (sockets.size > 0) {
        await new Promise<void>((resolve) => {
          allClosed = resolve;
          setTimeout(resolve, IDLE_GRACE_MS).unref();
        });
      }
      // Node waits for the first request of a connection for a minute, also while it closes.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      await app.close();
    },
  };
}
