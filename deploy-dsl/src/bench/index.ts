import type { Bench } from './bench.ts';

/** One line of `tandem bench --list`, and how to load the bench: only those that run are imported. */
export interface BenchEntry {
  summary: string;
  load(): Promise<Bench>;
}

export const benches: Record<string, BenchEntry> = {
  cli: {
    summary: 'cold start of the command: `tandem --version` as a whole process',
    load: async () => (await import('./cli.ts')).cli,
  },
  compile: {
    summary: 'check and compile 50 and 1,000 services, in the process and as a whole command',
    load: async () => (await import('./compile.ts')).compile,
  },
  conference: {
    summary: 'what a receiver of video costs our media server, beside LiveKit with the same clients and clip',
    load: async () => (await import('./conference.ts')).conference,
  },
  crash: {
    summary: 'kill -9 of instances under load: failed requests by kind, time until replaced; on the stack',
    load: async () => (await import('./crash.ts')).crash,
  },
  deploy: {
    summary:
      'edit of a source file → new version through nginx, against `nomad job run` by hand; on the stack',
    load: async () => (await import('./deploy.ts')).deploy,
  },
  gaps: {
    summary: 'what two people in a call miss while servers are killed, drained and replaced; on the stack',
    load: async () => (await import('./gaps.ts')).gaps,
  },
  http: {
    summary:
      'authenticated GET through nginx: a service by common against a bare `node:http` server, in turns',
    load: async () => (await import('./http.ts')).http,
  },
  jwt: {
    summary: 'verified tokens: common with its cache against `jsonwebtoken.verify`',
    load: async () => (await import('./jwt.ts')).jwt,
  },
  queue: {
    summary:
      'events: confirmed publish → consume against bare amqplib; 100,000 while RabbitMQ and consumers are killed',
    load: async () => (await import('./queue.ts')).queue,
  },
  rest: {
    summary: 'memory and CPU of the stack at rest, and the time of a second `up`; restarts the stack',
    load: async () => (await import('./rest.ts')).rest,
  },
  rollouts: {
    summary: '100 rolling deploys under load: failed requests by kind, latency; on the stack',
    load: async () => (await import('./rollouts.ts')).rollouts,
  },
  search: {
    summary: 'people search over a million names, beside SQLite FTS5: latency by way of typing, memory',
    load: async () => (await import('./search.ts')).search,
  },
};
