import { defineError, defineWarning, type Place } from '../define.ts';

/** The file against the contracts of the services. */

export const notInFile = defineError(
  'TDM-250',
  'The contract in the folder of a service says that it calls, publishes or consumes something, and the file does not.',
  (at: Place, service: string, key: 'calls' | 'publishes' | 'consumes', name: string) => ({
    title: `"${service}" ${key} "${name}" by its contract, and the file does not say so`,
    at,
    caption: `"${name}" is missing under "${key}:"`,
    help: [
      `add it to "${key}:" of "${service}"`,
      "or take it out of the service's source and run `npm run contract` in its folder",
    ],
  }),
);

export const notHandled = defineError(
  'TDM-251',
  'The file lets a service consume an event that the service does not handle by its contract: it would not start.',
  (at: Place, service: string, event: string) => ({
    title: `"${service}" does not handle "${event}" by its contract`,
    at,
    caption: 'it would not start',
    help: [
      'leave it out here',
      'or handle the event in the service, and run `npm run contract` in its folder',
    ],
  }),
);

export const notInContract = defineWarning(
  'TDM-252',
  'The file says that a service calls or publishes something, and the contract in its folder does not.',
  (at: Place, service: string, key: 'calls' | 'publishes', name: string) => ({
    title: `by its contract "${service}" ${key === 'calls' ? 'does not call' : 'never publishes'} "${name}"`,
    at,
    help: ['leave it out here', 'or run `npm run contract` in the folder of the service, if its source does'],
  }),
);

export const brokenContract = defineError(
  'TDM-253',
  'A file of the contract of a service is not what `npm run contract` writes.',
  (at: Place, path: string, reason: string) => ({
    title: `${path} is not what \`npm run contract\` writes`,
    at,
    caption: reason,
    help: ['run `npm run contract` in the folder of the service'],
  }),
);
