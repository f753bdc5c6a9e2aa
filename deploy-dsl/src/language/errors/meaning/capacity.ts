import type { Label } from '../../diagnostic.ts';
import { defineError, defineWarning, type Place } from '../define.ts';
import { someOf } from './some-of.ts';

/** What no machine and no broker could hold. */

export const hardBelowSoft = defineError(
  'TDM-210',
  'The hard memory limit is below the soft one.',
  (at: Place, soft: number, hard: number, labels: Label[]) => ({
    title: 'the hard memory limit is below the soft one',
    at,
    caption: `${hard} MiB would kill it before it uses the ${soft} MiB it reserves`,
    labels,
    help: ['"soft" is what is reserved, "hard" is where the instance is killed'],
  }),
);

export const unknownClass = defineError(
  'TDM-223',
  'A service wants a class of machines that a cloud does not have.',
  (at: Place, name: string, near: string, cloud: string, classes: string[]) => ({
    title: `no machines of class "${name}" in ${cloud}`,
    at,
    caption: `no such class${near}`,
    help: [`classes of ${cloud}: ${someOf(classes)}`],
  }),
);

export const tooLargeForNode = defineError(
  'TDM-224',
  'An instance reserves more memory or CPU than any machine of its class has.',
  (at: Place, service: string, cloud: string, wanted: string, has: string) => ({
    title: `no machine in ${cloud} can hold an instance of "${service}"`,
    at,
    caption: `reserves ${wanted}; a machine has ${has}`,
    help: ['reserve less, or run it on a larger class of machines'],
  }),
);

export const cloudOverbooked = defineWarning(
  'TDM-225',
  'All instances together reserve more memory or CPU than the machines of a class have.',
  (at: Place, cloud: string, name: string, wanted: string, has: string, largest: string[]) => ({
    title: `not everything fits into the ${name} machines of ${cloud}`,
    at,
    caption: `they have ${has}; ${wanted} are reserved`,
    help: [`the largest: ${largest.join(', ')}`, 'add machines, or run fewer instances'],
  }),
);

export const tooManyConnections = defineError(
  'TDM-226',
  'The smallest number of instances opens more connections than RabbitMQ admits.',
  (at: Place, connections: number, limit: number, largest: string[]) => ({
    title: `${connections.toLocaleString('en')} connections to RabbitMQ, which admits ${limit.toLocaleString('en')}`,
    at,
    caption: 'services × instances × pool is more',
    help: [`the most: ${largest.join(', ')}`, 'raise "rabbitmq.connections", or lower "rabbitmq.pool"'],
  }),
);

export const maybeTooManyConnections = defineWarning(
  'TDM-227',
  'With all services scaled to their maximum, more connections are opened than RabbitMQ admits.',
  (at: Place, connections: number, limit: number, largest: string[]) => ({
    title: `up to ${connections.toLocaleString('en')} connections to RabbitMQ, which admits ${limit.toLocaleString('en')}`,
    at,
    caption: 'when everything is scaled out',
    help: [
      `the most: ${largest.join(', ')}`,
      'raise "rabbitmq.connections", or lower the maximum of instances',
    ],
  }),
);
