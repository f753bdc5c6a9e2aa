import { readdir, readlink } from 'node:fs/promises';
import { hasCode, readIfPresent } from './files.ts';
import { allProcesses, commandOf } from './processes.ts';

/** Who listens on a port. */
export interface Listener {
  port: number;
  /** Null where the kernel does not tell: a process of another user, and this one is not root. */
  pid: number | null;
  command: string | null;
}

const listening = '0A';

/**
 * Who holds these ports on the loopback interface, or on all interfaces.
 * Source of the format: proc_pid_net(5): local address, state and inode of each socket; /proc/PID/fd links to it.
 */
export async function listenersOn(ports: readonly number[]): Promise<Listener[]> {
  const wanted = new Set(ports);
  const sockets = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of ((await readIfPresent(table)) ?? '').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [address, port] = (fields[1] ?? '').split(':');
      const inode = fields[9];
      if (fields[3] !== listening || address === undefined || port === undefined || inode === undefined)
        continue;
      const number = Number.parseInt(port, 16);
      if (wanted.has(number) && concernsLoopback(address)) sockets.set(`socket:[${inode}]`, number);
    }
  }
  if (sockets.size === 0) return [];
  const owners = await ownersOf(sockets);
  const found = new Map<number, Listener>();
  for (const [socket, port] of sockets) {
    const pid = owners.get(socket) ?? null;
    if (pid !== null || !found.has(port)) {
      found.set(port, { port, pid, command: pid === null ? null : await commandOf(pid) });
    }
  }
  return [...found.values()].sort((a, b) => a.port - b.port);
}

/** The kernel writes addresses as hexadecimal words in the machine's byte order. */
function concernsLoopback(address: string): boolean {
  return /^0+$/.test(address) || address.endsWith('7F') || address.endsWith('01000000');
}

async function ownersOf(sockets: ReadonlyMap<string, number>): Promise<Map<string, number>> {
  const owners = new Map<string, number>();
  for (const pid of await allProcesses()) {
    for (const target of await openFiles(pid)) {
      if (sockets.has(target) && !owners.has(target)) owners.set(target, pid);
    }
  }
  return owners;
}

async function openFiles(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  try {
    const descriptors = await readdir(folder);
    return await Promise.all(
      descriptors.map((descriptor) =>
        readlink(`${folder}/${descriptor}`).catch((error: unknown) => {
          if (hasCode(error, 'ENOENT', 'ESRCH')) return '';
          throw error;
        }),
      ),
    );
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EPERM', 'ESRCH')) return [];
    throw error;
  }
}
