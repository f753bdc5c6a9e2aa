import type { Command } from './command.ts';

/** One line of the overview, and how to load the command: only the one that is typed is ever imported. */
export interface CommandEntry {
  group: 'this machine' | 'services.yml' | 'releases' | 'services' | 'project';
  summary: string;
  load(): Promise<Command>;
}

export const commands: Record<string, CommandEntry> = {
  up: {
    group: 'this machine',
    summary: 'bring the whole stack up on this machine and deploy services.yml to it',
    load: async () => (await import('./up.ts')).up,
  },
  down: {
    group: 'this machine',
    summary: 'stop everything that `up` started; --purge removes its data',
    load: async () => (await import('./down.ts')).down,
  },
  doctor: {
    group: 'this machine',
    summary: 'what is installed, what is missing, how it will be had',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  validate: {
    group: 'services.yml',
    summary: 'check services.yml and show every error at once',
    load: async () => (await import('./validate.ts')).validate,
  },
  compile: {
    group: 'services.yml',
    summary: 'write the Nomad jobs, edge template and queue topology',
    load: async () => (await import('./compile.ts')).compile,
  },
  routes: {
    group: 'services.yml',
    summary: 'which path goes to which service, with its limits',
    load: async () => (await import('./routes.ts')).routes,
  },
  schema: {
    group: 'services.yml',
    summary: 'the JSON Schema of services.yml, for editors',
    load: async () => (await import('./schema.ts')).schema,
  },
  plan: {
    group: 'releases',
    summary: 'what a deploy would change, in words',
    load: async () => (await import('./plan.ts')).plan,
  },
  deploy: {
    group: 'releases',
    summary: 'roll services.yml out, instance by instance',
    load: async () => (await import('./deploy.ts')).deploy,
  },
  rollback: {
    group: 'releases',
    summary: 'list the releases, or go back to one as a set',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  status: {
    group: 'services',
    summary: 'instances, health, version and memory of every service',
    load: async () => (await import('./status.ts')).status,
  },
  why: {
    group: 'services',
    summary: 'why a service is (not) placed, healthy and routed',
    load: async () => (await import('./why.ts')).why,
  },
  logs: {
    group: 'services',
    summary: 'the logs of all instances, interleaved and filtered',
    load: async () => (await import('./logs.ts')).logs,
  },
  scale: {
    group: 'services',
    summary: 'change how many instances run, until the next deploy',
    load: async () => (await import('./scale.ts')).scale,
  },
  restart: {
    group: 'services',
    summary: 'restart a service one instance at a time',
    load: async () => (await import('./restart.ts')).restart,
  },
  drain: {
    group: 'services',
    summary: 'the calls of media servers; move those of one to the others',
    load: async () => (await import('./drain.ts')).drain,
  },
  stop: {
    group: 'services',
    summary: 'stop a service until the next deploy',
    load: async () => (await import('./stop.ts')).stop,
  },
  queues: {
    group: 'services',
    summary: 'queues and dead letters: what waits, why it failed, replay it',
    load: async () => (await import('./queues.ts')).queues,
  },
  backup: {
    group: 'services',
    summary: 'back up the data of services, and list the backups',
    load: async () => (await import('./backup.ts')).backup,
  },
  restore: {
    group: 'services',
    summary: 'replace the data of services by that of a backup',
    load: async () => (await import('./restore.ts')).restore,
  },
  secret: {
    group: 'services',
    summary: 'list, set and remove secrets (in Nomad Variables)',
    load: async () => (await import('./secret.ts')).secret,
  },
  new: {
    group: 'project',
    summary: 'a new service that passes its tests and is in services.yml',
    load: async () => (await import('./new.ts')).create,
  },
  test: {
    group: 'project',
    summary: 'lint, types, unit tests and the tests against the running stack',
    load: async () => (await import('./test.ts')).test,
  },
  bench: {
    group: 'project',
    summary: 'measure the published figures again',
    load: async () => (await import('./bench.ts')).bench,
  },
  completion: {
    group: 'project',
    summary: 'completion script for bash or zsh',
    load: async () => (await import('./completion.ts')).completion,
  },
  version: {
    group: 'project',
    summary: 'the version of tandem and of the toolchain',
    load: async () => (await import('./version.ts')).version,
  },
};
