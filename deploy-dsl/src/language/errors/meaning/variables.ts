import { defineError, defineWarning, type Place } from '../define.ts';

/** Environment variables. */

export const reservedVariable = defineError(
  'TDM-231',
  'An environment variable has a name that Tandem sets itself.',
  (at: Place, name: string) => ({
    title: `the variable ${name} is set by Tandem`,
    at,
    caption: 'this value would be lost',
    help: ['choose another name; docs/services-yml.md lists the variables of a service'],
  }),
);

export const secretInTheOpen = defineWarning(
  'TDM-232',
  'An environment variable looks like a secret and has its value in the file.',
  (at: Place, name: string) => ({
    title: `${name} looks like a secret`,
    at,
    caption: 'everyone who reads this file reads it too',
    help: ['name it under "secrets:" and set it with `./tandem secret set`'],
  }),
);

export const referenceInVariable = defineWarning(
  'TDM-240',
  'The value of an environment variable refers to something that Nomad knows; the service gets it as it is written.',
  (at: Place, name: string, reference: string) => ({
    title: `${name} is passed on as it is: nothing is put in for ${reference}`,
    at,
    caption: 'reaches the service with these very characters',
    help: [
      'the service finds what Nomad says of its instance in variables of its own: NOMAD_ALLOC_ID and so on',
    ],
  }),
);
