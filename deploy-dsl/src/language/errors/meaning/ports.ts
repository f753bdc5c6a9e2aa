import type { Label } from '../../diagnostic.ts';
import { defineError, type Place } from '../define.ts';

/** Fixed ports of machines. */

export const portClash = defineError(
  'TDM-220',
  'Two services want the same fixed port of the same machines.',
  (at: Place, port: string, other: string, labels: Label[]) => ({
    title: `port ${port} is wanted twice`,
    at,
    caption: `"${other}" has it already`,
    labels,
    help: ['choose another port, or let them run on machines of different classes'],
  }),
);

export const portReserved = defineError(
  'TDM-221',
  'A service wants a port that the platform itself uses.',
  (at: Place, port: string, owner: string) => ({
    title: `port ${port} belongs to ${owner}`,
    at,
    caption: 'taken on every machine',
    help: ['choose another port'],
  }),
);

export const portPerMachine = defineError(
  'TDM-222',
  'A service with fixed ports has more instances than there are machines to run on.',
  (
    at: Place,
    service: string,
    cloud: string,
    instances: number,
    { machines, perMachine }: { machines: number; perMachine: number },
    labels: Label[],
  ) => ({
    title: `${instances} instances of "${service}" find no fixed ports for all of them`,
    at,
    caption:
      `${cloud} has ${machines} ${machines === 1 ? 'machine' : 'machines'} for it, ` +
      `each holds ${perMachine === 1 ? 'one instance' : `${perMachine} instances`}`,
    labels,
    help: ['fewer instances, more machines, or a range that they share: 40000..40063/udp shared'],
  }),
);

export const portOutOfRange = defineError('TDM-236', 'A port is not between 1 and 65535.', (at: Place) => ({
  title: 'a port is out of range',
  at,
  caption: 'ports go from 1 to 65535',
}));

export const portRangeTooWide = defineError(
  'TDM-239',
  'A range of ports is wider than 1,000 ports.',
  (at: Place, ports: number, most: number) => ({
    title: `a range of ${ports.toLocaleString('en')} ports`,
    at,
    caption: `at most ${most.toLocaleString('en')}`,
    help: ['Nomad reserves every single one for each instance'],
  }),
);
