import type { Label } from '../../diagnostic.ts';
import { defineError, defineWarning, type Place } from '../define.ts';

/** Settings of a service that do not go together, or have no effect. */

export const rangeReversed = defineError(
  'TDM-209',
  'A range ends before it begins: of instances, or of ports.',
  (at: Place, text: string, from: number, to: number) => ({
    title: `the range ${text} ends before it begins`,
    at,
    caption: `${from} is more than ${to}`,
    help: [`write ${to}..${from}`],
  }),
);

export const durationOutOfRange = defineError(
  'TDM-238',
  'A duration is shorter or longer than its key allows.',
  (at: Place, what: string, shortest: string, longest: string) => ({
    title: `${what} is out of range`,
    at,
    caption: `from ${shortest} to ${longest}`,
  }),
);

export const deadlineTooEarly = defineError(
  'TDM-235',
  'The deadline of an update is not later than the time an instance must be healthy.',
  (at: Place, deadline: string, healthy: string, labels: Label[]) => ({
    title: 'the deadline comes before an instance can count as healthy',
    at,
    caption: `${deadline} is not more than ${healthy}`,
    labels,
    help: ['"deadline" is how long it may take at most until an instance was healthy for "healthy"'],
  }),
);

export const canaryAlone = defineWarning(
  'TDM-230',
  'A service has a canary, but only one instance to compare it with.',
  (at: Place, service: string, cloud: string, labels: Label[]) => ({
    title: `the canary of "${service}" has one instance beside it in ${cloud}`,
    at,
    caption: 'a canary needs two instances or more to say something',
    labels,
    help: ['run two instances, or leave the canary out'],
  }),
);

export const defaultWithoutEffect = defineWarning(
  'TDM-234',
  'A default of an environment changes nothing, because every service says something else itself.',
  (at: Place, key: string, environment: string) => ({
    title: `this default of ${environment} changes nothing`,
    at,
    caption: `every service has "${key}" of its own`,
    help: [
      'a service wins over the defaults, also those of an environment',
      `to change a service in ${environment} only, use environments.${environment}.services`,
    ],
  }),
);
