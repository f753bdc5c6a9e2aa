import type { NomadJob, NomadTask, NomadTaskGroup } from '../../src/cluster/nomad-job.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Compiled } from '../../src/compile/compiled.ts';
import { loadSource } from '../../src/language/load.ts';

/** Two clouds and images, so that a snippet needs to say only what it is about. */
const clouds = `
tandem: 1
clouds: { aws: {}, gcp: {} }
`;
const production = `
environments: { production: { registry: registry.example, defaults: { version: 1.2.3 } } }
`;

/** What a whole file compiles to. */
export function compiled(yaml: string, environment: string): Compiled {
  const { model } = loadSource(yaml, { file: 'services.yml', environment });
  return compile(model, new Map());
}

/** A service called `app`, written as one flow map, in production under docker, and here under raw_exec. */
export class App {
  readonly #cloud: Compiled['clouds'][number];
  readonly topology: Compiled['topology'];

  private constructor({ clouds: [cloud], topology }: Compiled) {
    if (cloud === undefined) throw new Error('no cloud');
    this.#cloud = cloud;
    this.topology = topology;
  }

  /** @param more further lines of the file, `defaults: …` for instance */
  static production(app: string, more = ''): App {
    return new App(compiled(`${clouds}\nservices: { app: { ${app} } }\n${more}${production}`, 'production'));
  }

  static local(app: string, more = ''): App {
    return new App(compiled(`tandem: 1\nservices: { app: { ${app} } }\n${more}`, 'local'));
  }

  /** Jobs of the first cloud in start order. */
  get jobs(): string[] {
    return this.#cloud.jobs.map(({ spec }) => spec.ID);
  }

  job(id = 'app'): NomadJob {
    const job = this.#cloud.jobs.find(({ spec }) => spec.ID === id);
    if (job === undefined) throw new Error(`no job ${id} but ${this.jobs}`);
    return job.spec;
  }

  group(id = 'app'): NomadTaskGroup {
    const [group] = this.job(id).TaskGroups;
    if (group === undefined) throw new Error(`no group in ${id}`);
    return group;
  }

  /** The task of the service, or another one of its group. */
  task(name = 'app', id = 'app'): NomadTask {
    const task = this.group(id).Tasks.find(({ Name }) => Name === name);
    if (task === undefined) throw new Error(`no task ${name}`);
    return task;
  }

  get env(): Record<string, string> {
    return this.task().Env ?? {};
  }
}
