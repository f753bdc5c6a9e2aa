import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../src/cluster/target.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Compiled } from '../../src/compile/compiled.ts';
import { type DeployOutcome, type DeployRequest, deploy } from '../../src/deploy/deploy.ts';
import { historyNotes, pastOf, readHistory } from '../../src/deploy/history.ts';
import type { ReleaseSet } from '../../src/deploy/release.ts';
import { Releases } from '../../src/deploy/releases.ts';
import { loadSource } from '../../src/language/load.ts';
import { snapshotBuilds } from '../../src/local/builds.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { plan } from '../../src/plan/plan.ts';
import { renderPlan } from '../../src/plan/words.ts';
import type { Progress } from '../../src/terminal/terminal.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { repository } from '../support/repository.ts';
import { plainTerminal } from './plain-terminal.ts';

/** A project of its own in a temporary folder, with real agents, deployed as `tandem deploy` does it. */
export interface Stage {
  root: string;
  agents: Agents;
  target: Target;
  /** What the progress said, a line per event: `web: 1 of 2 healthy, …`. */
  events: string[];
  plan(yaml: string): Promise<Plan>;
  /** The plan as `tandem plan` shows it, without colours. */
  planned(yaml: string): Promise<string>;
  deploy(yaml: string, changes?: Partial<DeployRequest>): Promise<DeployOutcome>;
  stop(): Promise<void>;
}

/**
 * One program for every service. MODE says how it behaves: `sick` fails its health check, `crash` ends at once, `relapse`
 * falls ill when the file ILL appears, and `hang` answers nothing at all from then on.
 */
export const program = `
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
const { MODE, ILL, HOST, PORT, SERVICE_VERSION } = process.env;
if (MODE === 'crash') {
  console.error('no such table: polls');
  process.exit(7);
}
const isIll = () => MODE === 'sick' || (MODE === 'relapse' && existsSync(ILL));
createServer((request, response) => {
  const isHealth = request.url.startsWith('/healthz');
  response.statusCode = request.url === '/nowhere' ? 404 : isHealth && isIll() ? 503 : 200;
  response.end(isIll() ? 'the database is away' : SERVICE_VERSION);
}).listen(Number(PORT), HOST, () => console.log('listening as ' + SERVICE_VERSION));
process.on('SIGTERM', () => process.exit(0));
if (MODE === 'hang') {
  setInterval(() => {
    if (!existsSync(ILL)) return;
    rmSync(ILL);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }, 50);
}
`;

export async function openStage(
  services: string[],
  { memoryMiB = 4_000, durableConsul = false } = {},
): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'tandem-project-'));
  for (const service of services) {
    await mkdir(join(root, 'services', service, 'src'), { recursive: true });
    await writeFile(join(root, 'services', service, 'src/main.ts'), program);
    await writeFile(join(root, 'services', service, 'package.json'), '{"type":"module"}');
  }
  const meta = {
    tandem_root: repository,
    tandem_builds: join(root, '.tandem/builds'),
    tandem_data: join(root, 'data'),
  };
  const agents = await startAgents({ nodes: [{ meta, memoryMiB, cpuMHz: 8_000 }], durableConsul });
  const { nomad, consul } = agents;
  const target: Target = { environment: 'local', clouds: [{ name: 'local', nomad, consul }], rabbitmq: null };
  const events: string[] = [];

  return {
    root,
    agents,
    target,
    events,
    plan: async (yaml) =>
      plan(await wanted(root, yaml), target, await pastOf(await readHistory(target), new Releases(target))),
    async planned(yaml) {
      const history = await readHistory(target);
      const planned = await plan(
        await wanted(root, yaml),
        target,
        await pastOf(history, new Releases(target)),
      );
      return [
        ...renderPlan(planned, plainTerminal()),
        ...historyNotes(history, plainTerminal(), Date.now()),
      ].join('\n');
    },
    deploy: (yaml, changes = {}) =>
      deployAt(root, target, yaml, { progress: reported((event) => events.push(event)), ...changes }),
    async stop() {
      await agents.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What a file wants to run, and where its parts are written. */
export async function wanted(
  root: string,
  yaml: string,
): Promise<ReleaseSet & Pick<DeployRequest, 'origins'>> {
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
  const builds = await snapshotBuilds(root, root, model);
  return {
    model,
    compiled: withoutPlatform(compile(model, builds)),
    file: 'services.yml',
    source: yaml,
    origins,
  };
}

export async function deployAt(
  root: string,
  target: Target,
  yaml: string,
  changes: Partial<DeployRequest> & Pick<DeployRequest, 'progress'>,
): Promise<DeployOutcome> {
  const { origins, ...set } = await wanted(root, yaml);
  return deploy({
    wanted: set,
    origins,
    target,
    root,
    who: 'tester@here',
    rollbackTo: null,
    forceUnlock: false,
    signal: new AbortController().signal,
    approve: async () => true,
    ...changes,
  });
}

/** These scenarios are about services; the edge and RabbitMQ have tests of their own. */
function withoutPlatform(compiled: Compiled): Compiled {
  return {
    ...compiled,
    topology: { exchanges: [], queues: [], bindings: [] },
    clouds: compiled.clouds.map((cloud) => ({
      ...cloud,
      jobs: cloud.jobs.filter(({ kind }) => kind !== 'platform'),
    })),
  };
}

/** Tells every event as a line: `web: 1 of 2 healthy, …`. */
export function reported(tell: (event: string) => void): Progress {
  return {
    step(title) {
      const say = (detail = '') => tell(`${title}: ${detail}`);
      return {
        update: say,
        wait: say,
        done: say,
        fail: (detail) => say(`failed ${detail ?? ''}`),
        skip: say,
      };
    },
    close() {},
  };
}
