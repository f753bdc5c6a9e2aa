import { basename, dirname, join } from 'node:path';
import { exchange } from '../cluster/exchange.ts';
import type { NomadJob } from '../cluster/nomad-job.ts';
import { connect, type Target } from '../cluster/target.ts';
import { compile } from '../compile/compile.ts';
import { TandemError } from '../language/diagnostic.ts';
import { benchNeedsDeployed, benchNeedsStack } from '../language/errors/local.ts';
import { loadFile } from '../language/load.ts';
import type { Model } from '../language/model.ts';
import { snapshotBuilds } from '../local/builds.ts';
import { readStack, type Stack } from '../local/stack.ts';
import { isEmpty, plan } from '../plan/plan.ts';
import type { BenchContext } from './bench.ts';
import { timeProcess } from './time.ts';

/** A part of the stack that takes longer is not well enough to be measured. */
const answerMs = 5_000;

/** The running stack of this project, for benches that deploy to it or break it. */
export class StackUnderTest {
  readonly addresses: Stack;
  readonly target: Target;
  readonly #context: BenchContext;

  private constructor(addresses: Stack, target: Target, context: BenchContext) {
    this.addresses = addresses;
    this.target = target;
    this.#context = context;
  }

  /**
   * @throws TandemError when no stack is up, or when it runs something else than its file says: it could not be left as
   * it was found
   */
  static async open(context: BenchContext): Promise<StackUnderTest> {
    const addresses = await readStack(context.root);
    if (addresses === null || !(await answers(addresses))) throw new TandemError([benchNeedsStack()]);
    const { model, builds } = await read(addresses.file, context);
    const compiled = compile(model, builds, { portOffset: addresses.portOffset });
    const target = connect(model, addresses, context.env);
    if (!isEmpty(await plan({ model, compiled }, target)))
      throw new TandemError([benchNeedsDeployed(basename(addresses.file))]);
    return new StackUnderTest(addresses, target, context);
  }

  /** The clients of the one cloud of this machine. */
  get cloud(): Target['clouds'][number] {
    const [cloud] = this.target.clouds;
    if (cloud === undefined) throw new Error('the local environment has one cloud');
    return cloud;
  }

  /** Milliseconds that `tandem deploy` of a file takes, as a whole process. */
  async deploy(file: string, extra: NodeJS.ProcessEnv = {}): Promise<number> {
    const { root, env, signal } = this.#context;
    return timeProcess(join(root, 'tandem'), ['deploy', '--file', file], {
      cwd: root,
      env: { ...env, ...extra },
      signal,
    });
  }

  /** Deploys what was there before; also after an interruption. */
  async restore(): Promise<void> {
    const { root, env, say } = this.#context;
    say('putting the stack back');
    const args = ['deploy', '--file', this.addresses.file, '--force-unlock'];
    await timeProcess(join(root, 'tandem'), args, { cwd: root, env });
  }

  /** Version of a service that Nomad was given last. */
  async liveVersion(service: string): Promise<string> {
    const live = await this.cloud.nomad.jobs.get(service);
    return live?.Meta?.tandem_version ?? '';
  }

  /** The Nomad job that a service of a file compiles to for this machine, run from the build of this digest. */
  async jobSpec(file: string, service: string, digest: string): Promise<NomadJob> {
    const { model, builds } = await read(file, this.#context);
    builds.set(service, digest);
    const { clouds } = compile(model, builds, { portOffset: this.addresses.portOffset });
    const job = clouds[0]?.jobs.find(({ spec }) => spec.ID === service);
    if (job === undefined) throw new Error(`${file} has no service "${service}"`);
    return job.spec;
  }
}

async function read(
  file: string,
  { root, env, signal, say }: BenchContext,
): Promise<{ model: Model; builds: Map<string, string> }> {
  const { model } = await loadFile(file, { environment: 'local' });
  const begun = (service: string) => {
    say(`building ${service}`);
    return () => undefined;
  };
  return { model, builds: await snapshotBuilds(root, dirname(file), model, { env, signal, begun }) };
}

/** The state file outlives agents that were killed. */
async function answers({ nomad, consul, edge }: Stack): Promise<boolean> {
  const requests = [`${nomad}/v1/status/leader`, `${consul}/v1/status/leader`, `${edge}/healthz`];
  const results = await Promise.allSettled(requests.map(statusOf));
  return results.every((result) => result.status === 'fulfilled' && result.value === 200);
}

/** Not by fetch, which like a browser refuses some ports, among them the edge's of the offset 2000. */
async function statusOf(url: string): Promise<number> {
  const signal = AbortSignal.timeout(answerMs);
  const answer = await exchange(new URL(url), { method: 'GET', headers: {}, body: undefined, signal });
  answer.resume();
  return answer.statusCode ?? 0;
}
