import type { NomadJob, NomadTaskGroup } from '../../src/cluster/nomad-job.ts';

const second = 1_000_000_000;

/** A job of one group and one task that runs a piece of JavaScript; what the scenario is about is changed in it. */
export function scriptJob(id: string, script: string, group: Partial<NomadTaskGroup> = {}): NomadJob {
  return {
    ID: id,
    Name: id,
    Type: 'service',
    Region: 'local',
    Datacenters: ['local'],
    Meta: {},
    Update: {
      MaxParallel: 1,
      HealthCheck: 'checks',
      MinHealthyTime: 0.1 * second,
      HealthyDeadline: 10 * second,
      ProgressDeadline: 15 * second,
      AutoRevert: false,
      AutoPromote: false,
      Canary: 0,
    },
    TaskGroups: [
      {
        Name: id,
        Count: 1,
        Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http' }] }],
        Services: [],
        RestartPolicy: { Attempts: 0, Interval: 60 * second, Delay: 0.1 * second, Mode: 'fail' },
        ReschedulePolicy: {
          Attempts: 0,
          Interval: 0,
          Delay: 5 * second,
          DelayFunction: 'constant',
          MaxDelay: 0,
          Unlimited: false,
        },
        EphemeralDisk: { SizeMB: 10, Sticky: false, Migrate: false },
        Tasks: [
          {
            Name: id,
            Driver: 'raw_exec',
            Config: { command: 'node', args: ['-e', script] },
            Resources: { CPU: 20, MemoryMB: 32 },
            LogConfig: { MaxFiles: 2, MaxFileSizeMB: 1 },
          },
        ],
        ...group,
      },
    ],
  };
}

/** Runs for ever and says one line. */
export const idle = `console.log('hello'); setInterval(() => {}, 1000)`;

/** Serves HTTP on its port: 200 on every path, with the pid; SIGTERM ends it. */
export const server = `
require('node:http').createServer((q, s) => s.end(String(process.pid))).listen(process.env.NOMAD_PORT_http, '127.0.0.1');
console.log(JSON.stringify({ level: 30, time: Date.now(), msg: 'listening' }));`;
