import type { Label } from '../../diagnostic.ts';
import { defineError, defineWarning, type Place } from '../define.ts';
import { someOf } from './some-of.ts';

/** Names that lead nowhere, or that cannot be given. */

export const unknownService = defineError(
  'TDM-201',
  '`needs`, `calls` or an environment names a service that is not under `services:`.',
  (at: Place, name: string, near: string, count: number) => ({
    title: `unknown service "${name}"`,
    at,
    caption: `no service of this name${near}`,
    help: [`services are the keys under "services:" (${count} in this file)`],
  }),
);

export const serviceLeftOut = defineError(
  'TDM-202',
  '`needs` or `calls` names a service that this environment leaves out with `false`.',
  (at: Place, name: string, environment: string, labels: Label[]) => ({
    title: `service "${name}" is left out of environment ${environment}`,
    at,
    caption: 'needed here',
    labels,
    help: ['leave out both, or none'],
  }),
);

export const needsCycle = defineError(
  'TDM-203',
  'Services need each other in a circle, so that none could be started first.',
  (at: Place, cycle: string[], labels: Label[]) => ({
    title: cycle.length === 1 ? `service "${cycle[0]}" needs itself` : 'services need each other in a circle',
    at,
    caption: [...cycle, cycle[0]].join(' → '),
    labels,
    help: [
      '"needs" is about the start only; for requests between services "calls" is enough, and may go in circles',
    ],
  }),
);

export const unknownCloud = defineError(
  'TDM-204',
  'A cloud is named that is not under `clouds:`.',
  (at: Place, name: string, near: string, clouds: ReadonlySet<string>) => ({
    title: `unknown cloud "${name}"`,
    at,
    caption: `no cloud of this name${near}`,
    help: [`clouds are the keys under "clouds:", and "local": ${someOf(clouds)}`],
  }),
);

export const localIsNotAlone = defineError(
  'TDM-205',
  'An environment names `local`, this machine, together with other clouds.',
  (at: Place) => ({
    title: '"local" cannot be mixed with other clouds',
    at,
    caption: 'this machine is not reachable from a cloud',
    help: ['make an environment of its own for this machine'],
  }),
);

export const noClouds = defineError(
  'TDM-206',
  'An environment has no cloud to run in.',
  (at: Place, name: string) => ({
    title: `environment "${name}" has no cloud to run in`,
    at,
    caption: 'the file has no "clouds:"',
    help: ['add "clouds:" to the file, or "clouds: [local]" here to run it on this machine'],
  }),
);

export const reservedService = defineError(
  'TDM-207',
  'A service has a name that Tandem gives to a job of its own.',
  (at: Place, name: string, owner: string) => ({
    title: `a service cannot be called "${name}"`,
    at,
    caption: `this is the name of ${owner}`,
    help: ['choose another name'],
  }),
);

export const cloudTwice = defineError(
  'TDM-208',
  'An environment names a cloud twice.',
  (at: Place, name: string) => ({
    title: `cloud "${name}" is there twice`,
    at,
    caption: 'the second one',
    help: ['remove one'],
  }),
);

export const runsNowhere = defineWarning(
  'TDM-233',
  '`needs` or `calls` names a service that has no instance in this environment.',
  (at: Place, name: string, environment: string) => ({
    title: `"${name}" has no instance in environment ${environment}`,
    at,
    caption: 'nobody will answer',
    help: [`give it instances, or leave it out with "${name}: false"`],
  }),
);
