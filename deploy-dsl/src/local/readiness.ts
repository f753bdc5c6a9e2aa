import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type AgentName, nodeName } from './agents.ts';
import type { Ports } from './ports.ts';

const Leader = Type.String({ minLength: 1 });
const Keys = Type.Object({ keys: Type.Array(Type.Unknown(), { minItems: 1 }) });
const Nodes = Type.Array(
  Type.Object({
    Name: Type.String(),
    Status: Type.String(),
    Drivers: Type.Object({ raw_exec: Type.Object({ Healthy: Type.Boolean() }) }),
  }),
);
const Checks = Type.Array(Type.Object({ CheckID: Type.String(), Status: Type.String() }));

/** One question to an agent, in words and as a request. Each is asked until the answer is yes. */
interface Question {
  waitingFor: string;
  ask(): Promise<boolean>;
}

/** A cluster of one elects its leader in two seconds; a busy machine takes longer. */
const patienceMs = 60_000;

/**
 * Waits until an agent does its work: not only answers, but has a leader and can take what comes next.
 *
 * @param alive whether the process still runs; when not, there is nothing to wait for
 * @returns null, or what was still missing when it ended or the time was up
 */
export async function untilReady(
  name: AgentName,
  ports: Ports,
  signal: AbortSignal,
  alive: () => Promise<boolean>,
): Promise<string | null> {
  const deadline = performance.now() + patienceMs;
  for (const question of questions(name, ports)) {
    while (!(await question.ask().catch(() => false))) {
      signal.throwIfAborted();
      if (!(await alive()) || performance.now() > deadline) return question.waitingFor;
      await sleep(50, undefined, { signal });
    }
  }
  return null;
}

/** Whether an agent does its work now. */
export async function isReady(name: AgentName, ports: Ports): Promise<boolean> {
  const answers = await Promise.all(questions(name, ports).map(({ ask }) => ask().catch(() => false)));
  return !answers.includes(false);
}

function questions(name: AgentName, ports: Ports): Question[] {
  const consul = `http://127.0.0.1:${ports.consul}`;
  const nomad = `http://127.0.0.1:${ports.nomad}`;
  switch (name) {
    case 'consul':
      return [
        {
          waitingFor: 'Consul elects a leader',
          ask: async () => Value.Check(Leader, await answer(`${consul}/v1/status/leader`)),
        },
        {
          // Sessions, and with them the deploy lock, belong to a node that is known to be alive.
          waitingFor: 'Consul knows this machine',
          ask: async () => {
            const checks = await answer(`${consul}/v1/health/node/${nodeName}`);
            return Value.Check(Checks, checks) && checks.some(({ Status }) => Status === 'passing');
          },
        },
      ];
    case 'nomad-server':
      return [
        {
          waitingFor: 'Nomad elects a leader',
          ask: async () => Value.Check(Leader, await answer(`${nomad}/v1/status/leader`)),
        },
        {
          // A client that registers before the first key exists is refused, and tries again much later.
          waitingFor: "Nomad makes its servers' key",
          ask: async () => Value.Check(Keys, await answer(`${nomad}/.well-known/jwks.json`)),
        },
      ];
    case 'nomad-client':
      return [
        {
          waitingFor: 'the Nomad client answers',
          ask: async () => (await answer(`http://127.0.0.1:${ports.nomadClient}/v1/agent/health`)) !== null,
        },
        {
          waitingFor: 'the Nomad client registers with the server',
          ask: async () => {
            const nodes = await answer(`${nomad}/v1/nodes?resources=false`);
            return (
              Value.Check(Nodes, nodes) &&
              nodes.some(
                ({ Name, Status, Drivers }) =>
                  Name === nodeName && Status === 'ready' && Drivers.raw_exec.Healthy,
              )
            );
          },
        },
      ];
  }
}

async function answer(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.ok ? response.json() : null;
}
