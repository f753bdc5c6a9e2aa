import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { MediaServer } from './servers.ts';

/** So many rooms with one sender each, and so many receivers in each. */
export interface Counts {
  rooms: number;
  receiversPerRoom: number;
}

/** What one step has cost. */
export interface Step {
  rooms: number;
  receivers: number;
  /** Of the server, in percent of its core; and of the clients of theirs. */
  serverCpu: number;
  clientCpu: number;
  memoryMB: number;
  /** Of those who joined in this step: from the request to join until the first key frame was there. */
  firstFrameMs: number[];
  packets: number;
  lost: number;
  bytes: number;
  /** What the receiver with the least got of what was sent to it, in frames or in bytes; 1 is all. */
  leastShare: number;
  /** How many frames the slowest sender sent of those that the clip has in this time; 1 is all. */
  pace: number;
}

interface Report extends Omit<Step, 'serverCpu' | 'clientCpu' | 'memoryMB' | 'firstFrameMs'> {
  event: 'holding' | 'held';
  firstFrameMs?: number[];
  /** What the clients have used since their start, in seconds. */
  cpuS: number;
}

export interface ClientOptions {
  /** Path of the program in the folder clients/. */
  program: string;
  kind: 'tandem' | 'livekit';
  clip: string;
  steps: Counts[];
  holdMs: number;
  signal: AbortSignal;
  onStep(step: Step): void;
}

/** Before a step is measured: bandwidth estimation has found out, key frames have been asked for. */
const SETTLE_MS = 3_000;

/**
 * Real WebRTC clients on the second core, more and more of them.
 *
 * @returns why they ended before the last step; null where they did not
 */
export async function runClients(server: MediaServer, options: ClientOptions): Promise<string | null> {
  const { program, kind, clip, steps, holdMs, signal, onStep } = options;
  const clients = spawn('taskset', ['--cpu-list', '1', program], { detached: true, stdio: 'pipe' });
  const exit = once(clients, 'exit');
  const kill = () => clients.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let said = '';
  clients.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2_000);
  });
  clients.stdin.on('error', () => undefined);
  clients.stdin.end(
    JSON.stringify({
      ...{ server: kind, url: server.url, clip, rooms: roomsFor(server, steps), steps },
      ...{ holdMs, settleMs: SETTLE_MS },
    }),
  );
  try {
    const usage = async () => ({ at: performance.now(), server: await server.usage() });
    let before: { report: Report; usage: Awaited<ReturnType<typeof usage>> } | null = null;
    for await (const line of createInterface({ input: clients.stdout })) {
      const report: Report = JSON.parse(line);
      const now = await usage();
      if (report.event === 'holding') before = { report, usage: now };
      else if (before !== null) {
        const share = (after: number, first: number, since: number) =>
          ((after - first) / ((now.at - since) / 1000)) * 100;
        const { usage: first } = before;
        const { event, cpuS, ...held } = report;
        onStep({
          ...{ ...held, firstFrameMs: before.report.firstFrameMs ?? [] },
          serverCpu: share(now.server.cpuS, first.server.cpuS, first.at),
          clientCpu: share(cpuS, before.report.cpuS, first.at),
          memoryMB: now.server.memoryMB,
        });
      }
    }
    const [code] = await exit;
    signal.throwIfAborted();
    return code === 0 ? null : (said.trim().split('\n').at(-1) ?? `it ended with ${code}`);
  } finally {
    signal.removeEventListener('abort', kill);
    if (clients.exitCode === null && clients.signalCode === null) {
      kill();
      await exit;
    }
  }
}

function roomsFor({ token }: MediaServer, steps: readonly Counts[]) {
  const most = (of: (counts: Counts) => number) => Math.max(...steps.map(of));
  return Array.from({ length: most(({ rooms }) => rooms) }, (_, at) => {
    const name = `bench-${at}`;
    const receivers = Array.from({ length: most(({ receiversPerRoom }) => receiversPerRoom) }, (_, each) =>
      token(`receiver-${at}-${each}`, name, 'receive'),
    );
    return { name, publisher: token(`sender-${at}`, name, 'send'), receivers };
  });
}
