import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTokenIssuer } from '@tandem/common/testing';
import { usageOf } from '../usage.ts';

/** A media server that runs on a core of its own. */
export interface MediaServer extends AsyncDisposable {
  url: string;
  /** What lets somebody into a room. */
  token(user: string, room: string, may: 'send' | 'receive'): string;
  /** Of all its processes: seconds of CPU since they started, and resident memory. */
  usage(): Promise<{ cpuS: number; memoryMB: number }>;
}

export interface StartOptions {
  root: string;
  /** Of the program: mediasoup's worker, or livekit-server. */
  program: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Where nothing of Nomad's or the kernel's is. */
const ports = { media: 19_300, livekit: 19_310 };

const LONGEST_START_MS = 30_000;
const TOKEN_LIFETIME_S = 7_200;

/** Our service media, with one worker. */
export async function startTandem({ root, program, env, signal }: StartOptions): Promise<MediaServer> {
  const issuer = createTokenIssuer('rooms');
  await issuer.listen();
  const side = join(import.meta.dirname, 'media-side.ts');
  const server = onServerCore([process.execPath, side, root, JSON.stringify(issuer.instances)], {
    ...env,
    ...{ WORKERS: '1', PORT: '0', LOG_LEVEL: 'warn', MEDIASOUP_WORKER_BIN: program },
    ...{ PORT_RTC_FROM: String(ports.media), PORT_RTC_TO: String(ports.media + 9) },
  });
  const stop = async () => {
    await end(server);
    await issuer.close();
  };
  try {
    const [{ url }] = (await Promise.race([
      once(server, 'message', { signal }),
      once(server, 'exit').then(([code]) => {
        throw new Error(`the service media ended with ${code}`);
      }),
    ])) as [{ url: string }];
    await answers(`${url}/healthz/ready`, signal);
    const grant = { type: 'grant+jwt', audience: 'tandem/call', lifetimeS: TOKEN_LIFETIME_S };
    return {
      url,
      token: (user, room, may) => issuer.token(user, { room, permissions: [may], name: user }, grant),
      usage: () => usageOfAll(server.pid ?? 0),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * A LiveKit server as its documentation configures one, with one UDP port as ours has. It leaves the estimation of bandwidth
 * to browsers, which then tell it what they found out.
 */
export const startLivekit = (options: StartOptions) => startAnyLivekit(options, {});

/** The same, which estimates bandwidth itself, from the reports of each packet's arrival that ours works with, too. */
export const startEstimatingLivekit = (options: StartOptions) =>
  startAnyLivekit(options, { congestion_control: { use_send_side_bwe: true } });

async function startAnyLivekit({ program, env, signal }: StartOptions, rtc: object): Promise<MediaServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const [key, secret] = ['bench', randomBytes(32).toString('hex')];
  const config = {
    ...{
      port: ports.livekit,
      bind_addresses: ['127.0.0.1'],
      keys: { [key]: secret },
      logging: { level: 'warn' },
    },
    rtc: {
      ...{ udp_port: ports.livekit + 2, tcp_port: ports.livekit + 1 },
      ...{ node_ip: '127.0.0.1', enable_loopback_candidate: true, use_external_ip: false },
      ...rtc,
    },
  };
  // JSON is YAML.
  await writeFile(join(folder, 'livekit.yaml'), JSON.stringify(config), { mode: 0o600 });
  const server = onServerCore([program, '--config', join(folder, 'livekit.yaml')], env);
  const stop = async () => {
    await end(server);
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${ports.livekit}`;
  try {
    await answers(url, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    token: (user, room, may) => livekitToken(user, room, may, key, secret),
    usage: () => usageOfAll(server.pid ?? 0),
    [Symbol.asyncDispose]: stop,
  };
}

/** https://docs.livekit.io/home/get-started/authentication/ */
function livekitToken(user: string, room: string, may: 'send' | 'receive', key: string, secret: string) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const video = { roomJoin: true, room, canPublish: may === 'send', canSubscribe: may === 'receive' };
  const expires = Math.floor(Date.now() / 1000) + TOKEN_LIFETIME_S;
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: key, sub: user, exp: expires, video })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** The first core is the server's; clients have the second one. */
function onServerCore(command: string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('taskset', ['--cpu-list', '0', ...command], {
    env,
    // A Ctrl-C of the terminal is for the bench, which ends what it has started.
    detached: true,
    stdio:
      command[0] === process.execPath
        ? ['ignore', 'ignore', 'inherit', 'ipc']
        : ['ignore', 'ignore', 'ignore'],
  });
}

async function answers(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LONGEST_START_MS;
  while (
    !(await fetch(url, { signal }).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  if (server.connected) server.disconnect();
  else server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

/** A server and its workers. */
async function usageOfAll(pid: number): Promise<{ cpuS: number; memoryMB: number }> {
  const usages = await Promise.all([pid, ...(await childrenOf(pid))].map((each) => usageOf(each, new Set())));
  return {
    cpuS: usages.reduce((sum, usage) => sum + (usage?.cpuS ?? 0), 0),
    memoryMB: usages.reduce((sum, usage) => sum + (usage?.residentMB ?? 0), 0),
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) =>
    list
      .split(' ')
      .filter((each) => each !== '')
      .map(Number),
  );
}
