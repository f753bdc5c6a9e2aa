import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { freePorts, program } from '@tandem/common/testing';
import { edgeTemplateKey, platformPorts } from '../../src/compile/assumptions.ts';
import { compile } from '../../src/compile/compile.ts';
import type { CompiledCloud } from '../../src/compile/compiled.ts';
import { edgeTemplateDigest } from '../../src/compile/edge/template.ts';
import { edgeFolder } from '../../src/compile/platform/edge-job.ts';
import type { DeployRequest } from '../../src/deploy/deploy.ts';
import type { ReleaseSet } from '../../src/deploy/release.ts';
import { loadSource } from '../../src/language/load.ts';
import { snapshotBuilds } from '../../src/local/builds.ts';
import { stateOf } from '../../src/local/state.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { repository } from '../support/repository.ts';
import { until } from '../support/until.ts';

export type Wanted = ReleaseSet & Pick<DeployRequest, 'origins'>;

/** Real agents with a compiled edge on a port of its own. */
export interface EdgeStack extends Agents {
  /** Address of the edge, without a slash at the end. */
  edge: string;
  /** Of the project: builds are below it. */
  root: string;
  /** What a services.yml wants to run here, for a deploy. */
  wanted(yaml: string): Promise<Wanted>;
  /** What it compiles to. */
  compiled(yaml: string): Promise<CompiledCloud>;
  /** Publishes a template, whatever is in it. */
  publish(template: string): Promise<void>;
  /** The digest that /healthz names; null while the edge is starting. */
  live(): Promise<string | null>;
  /** Publishes what the YAML compiles to, registers these jobs and waits until the edge has the template. */
  deploy(yaml: string, jobs: string[]): Promise<void>;
  /** What became of the published template. */
  outcome(): Promise<Record<string, unknown> | null>;
  /** Instances of a service that pass their check, as the edge should see them. */
  passing(service: string): Promise<number>;
  /** Ids of the running instances of a job. */
  instances(job: string): Promise<string[]>;
}

/** @param folder of the YAML: its services' folders are relative to it */
export async function startEdgeStack(folder: string): Promise<EdgeStack> {
  // The jobs find them on the agents' PATH, as with ./tandem up.
  const programs = [program('consul-template'), program('nginx')].map((path) => dirname(path));
  process.env.PATH = [...programs, process.env.PATH].join(delimiter);
  const root = join(await temporary(), 'project');
  const state = stateOf(root);
  const agents = await startAgents({
    nodes: [{ meta: { tandem_root: repository, tandem_builds: state.builds, tandem_data: state.jobs } }],
  });
  await mkdir(state.jobs, { recursive: true });
  const [port = 0] = await freePorts(1);
  const edge = `http://127.0.0.1:${port}`;
  const portOffset = Number(new URL(agents.consul.address).port) - platformPorts.consul;

  const wanted = async (yaml: string) => {
    const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
    // The agents' ports are free ones, not all shifted alike as those of a local stack.
    model.edge.port = port - portOffset;
    const compiled = compile(model, await snapshotBuilds(root, folder, model), { portOffset });
    return { model, origins, compiled, file: 'services.yml', source: yaml };
  };
  const compiled = async (yaml: string) => {
    const [cloud] = (await wanted(yaml)).compiled.clouds;
    if (cloud === undefined) throw new Error('the local environment has one cloud');
    return cloud;
  };
  const publish = async (template: string) => {
    await agents.consul.put(edgeTemplateKey, template);
  };
  const live = async () => {
    const answer = await fetch(`${edge}/healthz`).catch(() => null);
    if (answer === null || !answer.ok) return null;
    const { template }: { template: string } = JSON.parse(await answer.text());
    return template;
  };
  const instances = async (job: string) =>
    (await agents.nomad.jobs.allocations(job))
      .filter((each) => each.ClientStatus === 'running' && each.DesiredStatus === 'run')
      .map((each) => each.ID);
  return {
    ...agents,
    edge,
    root,
    wanted,
    compiled,
    publish,
    live,
    instances,
    passing: async (service) =>
      (await agents.consul.health(service)).filter(({ Checks }) =>
        Checks.every(({ Status }) => Status === 'passing'),
      ).length,
    deploy: async (yaml, jobs) => {
      const cloud = await compiled(yaml);
      await publish(cloud.edgeTemplate);
      for (const { spec } of cloud.jobs) {
        if (jobs.includes(spec.ID)) await agents.nomad.jobs.register(spec);
      }
      const digest = edgeTemplateDigest(cloud.edgeTemplate);
      await until('the edge has the template', async () => (await live()) === digest);
    },
    outcome: async () => {
      const [edgeInstance] = await instances('edge');
      if (edgeInstance === undefined) return null;
      const text = await agents.nomad.allocations.cat(edgeInstance, `${edgeFolder}/outcome.json`);
      return text === null ? null : JSON.parse(text);
    },
  };
}

async function temporary(): Promise<string> {
  const { mkdtemp } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  return mkdtemp(join(tmpdir(), 'tandem-edge-'));
}
