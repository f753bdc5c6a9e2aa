import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from './free-ports.ts';
import { program } from './program.ts';
import { waitFor } from './wait-for.ts';

/** A real Consul of one test, in memory: what it knew is gone when it is killed. */
export interface TestConsul {
  readonly url: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again at the same address. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startConsul(): Promise<TestConsul> {
  const [http = 0, server = 0, lan = 0, wan = 0] = await freePorts(4);
  const url = `http://127.0.0.1:${http}`;
  let agent: ChildProcess | null = null;

  async function start(): Promise<void> {
    agent = spawn(
      program('consul'),
      [
        ...['agent', '-dev', '-bind', '127.0.0.1', '-log-level', 'error', '-disable-host-node-id=true'],
        ...['-http-port', `${http}`, '-server-port', `${server}`, '-dns-port', '-1'],
        ...[
          '-serf-lan-port',
          `${lan}`,
          '-serf-wan-port',
          `${wan}`,
          '-grpc-port',
          '-1',
          '-grpc-tls-port',
          '-1',
        ],
      ],
      { stdio: 'ignore' },
    );
    await once(agent, 'spawn');
    await waitFor('Consul has a leader', async () => {
      const answer = await fetch(`${url}/v1/status/leader`);
      return (await answer.text()).length > 2;
    });
  }

  async function kill(): Promise<void> {
    if (agent === null || agent.exitCode !== null || agent.signalCode !== null) return;
    const exited = once(agent, 'exit');
    agent.kill('SIGKILL');
    await exited;
  }

  await start();
  return { url, kill, start, [Symbol.asyncDispose]: kill };
}
