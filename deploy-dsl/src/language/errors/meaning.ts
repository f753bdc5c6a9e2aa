import type { Label } from '../diagnostic.ts';
import { didYouMean } from '../suggest.ts';
import { defineError, type Place } from './define.ts';

/** Errors of what the file says: names that lead nowhere, clashes, and what no cluster could hold. */

// Names

export const unknownService = defineError(
  'TDM-201',
  '`needs`, `calls` or an environment names a service that is not under `services:`.',
  (at: Place, name: string, services: string[]) => ({
    title: `unknown service "${name}"`,
    at,
    caption: `no service of this name${didYouMean(name, services)}`,
    help: [`services are the keys under "services:" (${services.length} in this file)`],
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
  (at: Place, name: string, clouds: string[]) => ({
    title: `unknown cloud "${name}"`,
    at,
    caption: `no cloud of this name${didYouMean(name, clouds)}`,
    help: [`clouds are the keys under "clouds:", and "local": ${clouds.join(', ')}`],
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

// Values that do not go together

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

export const versionMissing = defineError(
  'TDM-211',
  'An environment runs images, and a service there has no version.',
  (at: Place, service: string, environment: string) => ({
    title: `service "${service}" has no version in environment ${environment}`,
    at,
    caption: 'which image is to run?',
    help: [
      `add under environments.${environment}.services: "${service}: { version: 1.0.0 }"`,
      'or run it from its folder with "driver: raw_exec"',
    ],
  }),
);

export const versionTwice = defineError(
  'TDM-212',
  'The tag of `image` and `version` differ.',
  (at: Place, version: string, tag: string, labels: Label[]) => ({
    title: `two versions: "${version}" and the tag "${tag}" of the image`,
    at,
    caption: 'this one, or the tag?',
    labels,
    help: ['leave the tag out of "image"; it is taken from "version"'],
  }),
);

// Routes

export const routeTwice = defineError(
  'TDM-213',
  'Two routes have the same path.',
  (at: Place, path: string, owner: string, labels: Label[]) => ({
    title: `the path ${path} leads to two services`.replace(
      / two services$/,
      owner === '' ? ' the same service twice' : ' two services',
    ),
    at,
    caption: owner === '' ? 'the second one' : `${owner} has it already`,
    labels,
    help: ['remove one of the routes, or make a path longer: the longest prefix wins'],
  }),
);

export const portOutOfRange = defineError('TDM-236', 'A port is not between 1 and 65535.', (at: Place) => ({
  title: 'a port is out of range',
  at,
  caption: 'ports go from 1 to 65535',
  help: [],
}));
