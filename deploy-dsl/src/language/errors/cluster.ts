import { defineError } from './define.ts';

/**
 * TDM-3xx: what Nomad, Consul, nginx and RabbitMQ answer, and what happens while a release is rolled out.
 * 300–309 the connection, 310–329 what happened to a service (deploy/blame.ts), 330–349 and 370–379 service commands,
 * 350–369 plan, deploy, releases and rollback, 380–389 queues, 390–399 backup and restore.
 */

/** The systems Tandem talks to, as they are called in messages. */
export type System = 'Nomad' | 'Consul' | 'RabbitMQ';

const addressVariable: Record<System, string> = {
  Nomad: 'NOMAD_ADDR',
  Consul: 'CONSUL_HTTP_ADDR',
  RabbitMQ: 'RABBITMQ_MANAGEMENT_URL',
};

export const clusterUnreachable = defineError(
  'TDM-300',
  'Nothing answers at the address of Nomad, Consul or RabbitMQ.',
  (system: System, address: string, reason: string, local: boolean) => ({
    title: `${system} does not answer at ${address}: ${reason}`,
    help: local
      ? ['start the stack of this machine with `./tandem up`']
      : [
          `set ${addressVariable[system]} to an address that is reachable from here`,
          'or choose another environment with --env; `--env local` is the stack that `./tandem up` starts',
        ],
  }),
);

export const clusterRefused = defineError(
  'TDM-301',
  'Nomad, Consul or RabbitMQ answered a request with an error.',
  (system: System, request: string, status: number, message: string) => ({
    title: `${system} refused ${request} (${status})`,
    evidence: message === '' ? [] : message.split('\n'),
    help:
      status === 401 || status === 403
        ? [`the token lacks a permission: set ${tokenVariable(system)} to one that has it`]
        : [],
  }),
);

export const clusterNonsense = defineError(
  'TDM-302',
  'What answers at the address of Nomad, Consul or RabbitMQ is something else, or a version that Tandem does not know.',
  (system: System, request: string, problem: string) => ({
    title: `the answer to ${request} is not one of ${system}`,
    evidence: [problem],
    help: [`check that ${addressVariable[system]} is the address of ${system}`],
  }),
);

export const clusterTimeout = defineError(
  'TDM-303',
  'Nomad, Consul or RabbitMQ took a request and did not answer in time.',
  (system: System, address: string, request: string, ms: number) => ({
    title: `${system} at ${address} did not answer ${request} within ${ms / 1000} s`,
    help: ['its servers may be electing a leader, or be overloaded: try again, and look at their own logs'],
  }),
);

export const cloudUnreachable = defineError(
  'TDM-304',
  'The Nomad or Consul of one cloud has no connection to that of another cloud.',
  (system: System, cloud: string, address: string) => ({
    title: `${system} at ${address} has no connection to the cloud "${cloud}"`,
    help: [
      `the clouds are ${system === 'Consul' ? 'Consul datacenters' : 'Nomad regions'} of the same name, joined over the VPN: is it up?`,
    ],
  }),
);

function tokenVariable(system: System): string {
  if (system === 'Nomad') return 'NOMAD_TOKEN';
  return system === 'Consul' ? 'CONSUL_HTTP_TOKEN' : 'the credentials in RABBITMQ_MANAGEMENT_URL';
}
