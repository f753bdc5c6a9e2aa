import { suggest } from '../suggest.ts';
import { defineError } from './define.ts';

/** TDM-540 … 549: `tandem new`. Nothing was written. */

export const badServiceName = defineError(
  'TDM-540',
  'The name of a new service is not one that a service can have.',
  (name: string, reason: string) => ({
    title: `a service cannot be called "${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`,
    evidence: [reason],
    help: ['choose a name like "polls" or "guest-book"'],
  }),
);

export const serviceThere = defineError(
  'TDM-541',
  'The name of a new service is taken, or its folder is there already.',
  (name: string, what: string) => ({
    title: `there is a service "${name}" already: ${what}`,
    help: ['choose another name, or remove what is there'],
  }),
);

export const badEventName = defineError(
  'TDM-542',
  'The event that a new service should publish has a name that it cannot have.',
  (name: string, reason: string) => ({
    title: `a new service cannot publish "${name}"`,
    evidence: [reason],
    help: ['say what happened to what, in lower case, with a dot between: "poll.opened"'],
  }),
);

export const eventNotPublished = defineError(
  'TDM-543',
  'The event that a new service should consume is published by no service of the project.',
  (name: string, known: readonly string[]) => {
    const similar = suggest(name, known);
    return {
      title: `no service publishes "${name}"${similar === null ? '' : `; did you mean "${similar}"?`}`,
      help: [known.length === 0 ? 'no service publishes any event' : `there is ${known.join(', ')}`],
    };
  },
);

export const cannotAddService = defineError(
  'TDM-544',
  'The new service cannot be written into services.yml, or the file would not be valid with it.',
  (file: string, reasons: readonly string[], lines: readonly string[]) => ({
    title: `the new service cannot be added to ${file}`,
    at: { file, range: null },
    evidence: [...reasons],
    help: [`these lines would be added to "services:":\n${lines.map((line) => `  ${line}`).join('\n')}`],
  }),
);

export const lockFileUnusable = defineError(
  'TDM-545',
  'package-lock.json is missing or is not what npm writes, so that a workspace cannot be added to it.',
  (reason: string) => ({
    title: `package-lock.json cannot be used: ${reason}`,
    help: ['`npm install` writes it anew'],
  }),
);
