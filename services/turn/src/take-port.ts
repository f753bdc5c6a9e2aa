import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** A port that is ours until it is given back. */
export interface TakenPort {
  port: number;
  release(): void;
}

/**
 * Takes the first port of a range that is free for UDP and TCP. coturn would share one with another instance (it sets
 * SO_REUSEPORT), so that instances agree by a name in the kernel's own space, which ends with the process that has it.
 *
 * @returns null when none is free
 */
export async function takePort(ip: string, from: number, to: number): Promise<TakenPort | null> {
  for (let port = from; port <= to; port++) {
    const claim = await listen({ path: `\0tandem-turn-${ip}-${port}` });
    if (claim === null) continue;
    if (await isFree(ip, port)) return { port, release: () => claim.close() };
    claim.close();
  }
  return null;
}

/** @returns null when somebody else has it */
async function listen(where: { path: string } | { host: string; port: number }): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.listen({ ...where, exclusive: true });
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  const tcp = await listen({ host, port });
  if (tcp === null) return false;
  tcp.close();
  await once(tcp, 'close');
  const udp = createSocket('udp4');
  udp.bind({ address: host, port, exclusive: true });
  try {
    await once(udp, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    udp.close();
  }
}
