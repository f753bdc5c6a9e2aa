import { execFile, execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { type BuiltService, createStaticDiscovery } from '@tandem/common';
import { collectLog, type LogLines, untilReady } from '@tandem/common/testing';
import { turn } from '../src/service.ts';

const run = promisify(execFile);

export const KEY = 'k'.repeat(40);

export interface Running {
  service: BuiltService;
  log: LogLines;
  /** Where it listens. */
  port: number;
  /** Asks for credentials. */
  iceServers(user: string): Promise<IceServers>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface IceServers {
  iceServers: { urls: string[]; username: string; credential: string }[];
  expiresInS: number;
}

/** Whether coturn and its tools are installed. */
export function hasCoturn(): boolean {
  try {
    execFileSync('turnserver', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Each test file has a range of its own, below what the kernel and Nomad give away. */
export const settings = {
  CREDENTIAL_KEY: KEY,
  PORT_TURN_FROM: '19100',
  PORT_TURN_TO: '19149',
  PORT_RELAY_FROM: '19150',
  PORT_RELAY_TO: '19199',
  ALLOWED_PEERS: '127.0.0.2',
  PORT: '0',
};

/** The service with a real coturn. */
export async function startTurn(env: Record<string, string> = {}): Promise<Running> {
  const log = collectLog();
  const service = await turn.build({
    env: { ...settings, ...env },
    logOutput: log,
    discovery: createStaticDiscovery({}),
  });
  const ask = (user: string) =>
    service.app.inject({ method: 'POST', url: '/internal/ice-servers', payload: { user } });
  await untilReady(service);
  const { iceServers }: IceServers = (await ask('test')).json();
  const port = Number(/:(\d+)\?/.exec(iceServers[0]?.urls[0] ?? '')?.[1]);
  return {
    ...{ service, log, port },
    iceServers: async (user) => (await ask(user)).json(),
    [Symbol.asyncDispose]: () => service.stop(),
  };
}

/**
 * Sends a few datagrams through the TURN server to a peer and has them sent back, by coturn's own client.
 *
 * @returns what the client says; `tot_recv_msgs=0` or an error where nothing came back
 */
export async function relay(
  port: number,
  { username, credential }: { username: string; credential: string },
  peer: string,
  peerPort: number,
  ...more: string[]
): Promise<string> {
  const args = ['-v', '-c', '-n', '5', '-u', username, '-w', credential, '-p', String(port)];
  const command = [...args, ...more, '-e', peer, '-r', String(peerPort), '127.0.0.1'];
  const options = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
  return run('turnutils_uclient', command, options).then(
    ({ stdout, stderr }) => `${stdout}${stderr}`,
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  );
}

/** Sends back whatever comes to an address, UDP. */
export async function startEcho(host: string): Promise<{ port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, host);
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}
