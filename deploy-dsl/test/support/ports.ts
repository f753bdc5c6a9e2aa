import { createServer } from 'node:net';

/** Ports on loopback that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen()));
  const ports = servers.map(({ port }) => port);
  await Promise.all(servers.map(({ close }) => close()));
  return ports;
}

/** Nobody listens on any of these ports on loopback. */
export async function areFree(first: number, count: number): Promise<boolean> {
  const attempts = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => listen(first + index)),
  );
  const servers = attempts.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
  await Promise.all(servers.map(({ close }) => close()));
  return servers.length === count;
}

function listen(port = 0): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') {
        reject(new Error('a TCP server has a port'));
        return;
      }
      resolve({
        port: address.port,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}
