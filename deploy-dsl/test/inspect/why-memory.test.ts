import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Target } from '../../src/cluster/target.ts';
import { whyIn } from '../../src/inspect/why.ts';
import { whyLines } from '../../src/inspect/why-view.ts';
import { loadSource } from '../../src/language/load.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { scriptJob } from '../support/jobs.ts';
import { plainTerminal } from '../support/plain-terminal.ts';
import { until } from '../support/until.ts';

/** A process that takes more memory than its limit, which the kernel ends. */

let agents: Agents;
const { signal } = new AbortController();
const greedy = `
const taken = [];
setInterval(() => {
  taken.push(Buffer.alloc(8_000_000, taken.length + 1));
  // Where nobody holds it to its limit, the machine is spared.
  if (taken.length > 50) process.exit(3);
}, 20);`;

beforeAll(async () => {
  agents = await startAgents();
});
afterAll(() => agents?.stop());

test('memory is named first of what may have ended it', async () => {
  const { nomad, consul } = agents;
  const yaml = 'tandem: 1\nservices:\n  greedy: { directory: greedy }\n';
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
  const cloud = { name: 'local', nomad, consul };
  const target: Target = { environment: 'local', clouds: [cloud], rabbitmq: null };
  const job = scriptJob('greedy', greedy);
  const [task] = job.TaskGroups[0]?.Tasks ?? [];
  if (task === undefined) throw new Error('the job has a task');
  task.Resources = { CPU: 20, MemoryMB: 64 };
  await nomad.jobs.register(job);
  const found = await until('it has ended', async () => {
    const now = await whyIn(cloud, 'greedy', { target, model, origins, signal });
    return (now.instances[0]?.ends.length ?? 0) > 0 && now;
  });
  const text = whyLines(plainTerminal({ width: 120 }), 'greedy', found, Date.now()).join('\n');
  expect(text).toMatch(/greedy ended .*: killed \(signal 9\): out of memory \(its own limit/);
});
