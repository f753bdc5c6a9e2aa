import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Out of the way of what gives ports away without asking: the kernel, for connections (32768–60999), and Nomad, for
 * instances (20000–31999).
 */
const first = 10_000;
const last = 19_999;

/** `fetch` refuses this one, as browsers do. */
const refused = 10_080;

/** A port that was given away is given again after this time at the earliest, in milliseconds. */
const reservedFor = 600_000;

/** A port on loopback that nobody listens on, and that no other test of this machine's run was given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (port !== refused && (await areFree(port, 1)) && (await reserve(port))) return port;
  }
}

/** As many of them, all different. */
export async function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => freePort()));
}

/** From here on ranges are given away: out of the way of a Nomad that a user runs, too, as far as it begins at 20000. */
const firstRange = 21_000;
const lastRange = 32_499;

/**
 * So many ports on loopback, one after the other, that nobody listens on and that no other test of this machine's run was
 * given: for a Nomad, which gives them to its instances without looking whether they are taken.
 *
 * @returns the first of them
 */
export async function freePortRange(count: number): Promise<number> {
  const ranges = Math.floor((lastRange - firstRange + 1) / count);
  for (;;) {
    const from = firstRange + Math.floor(Math.random() * ranges) * count;
    if ((await areFree(from, count)) && (await reserve(from))) return from;
  }
}

/** Nobody listens on any of these ports on loopback. */
async function areFree(from: number, count: number): Promise<boolean> {
  const attempts = await Promise.all(Array.from({ length: count }, (_, index) => listens(from + index)));
  return attempts.every((listened) => listened);
}

/** Between the look whether it is free and the start of its server, another test's look would find the same. */
async function reserve(port: number): Promise<boolean> {
  const folder = join(tmpdir(), 'tandem-test-ports');
  const file = join(folder, String(port));
  await mkdir(folder, { recursive: true });
  const since = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
  if (since !== null && Date.now() - since > reservedFor) await rm(file, { force: true });
  return writeFile(file, '', { flag: 'wx' }).then(
    () => true,
    () => false,
  );
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
