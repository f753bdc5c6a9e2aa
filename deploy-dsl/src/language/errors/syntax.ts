import type { Label } from '../diagnostic.ts';
import { defineError, type Place } from './define.ts';

/** Errors of the file itself: its bytes, its YAML, and its shape against the schema. */

const reference = 'docs/services-yml.md explains every key';

// The file

export const fileMissing = defineError('TDM-101', 'The file does not exist.', (file: string) => ({
  title: `there is no file "${file}"`,
  help: [
    'create it, or name another one with --file',
    'examples/one-service/services.yml is a small one to start from',
  ],
}));

export const fileUnreadable = defineError(
  'TDM-102',
  'The path is a folder or something else that cannot be read as a file.',
  (file: string, reason: string) => ({
    title: `cannot read "${file}": ${reason}`,
    help: ['name a YAML file with --file'],
  }),
);

export const fileTooLarge = defineError(
  'TDM-103',
  'The file is larger than 2 MiB, which no file written by hand is.',
  (file: string, bytes: number, limit: number) => ({
    title: `the file is too large: ${(bytes / 1_048_576).toFixed(1)} MiB, at most ${limit / 1_048_576} MiB are read`,
    at: { file, range: null },
    help: [
      'is this the right file? 1,000 services need about 0.3 MiB',
      'use anchors or `defaults` for what repeats',
    ],
  }),
);

export const badEncoding = defineError(
  'TDM-104',
  'The bytes of the file are not UTF-8 (for instance UTF-16 or Latin-1).',
  (at: Place, found: string) => ({
    title: `the file is not UTF-8: ${found}`,
    at,
    caption: at.range === null ? undefined : 'the first byte that is not UTF-8 is here',
    help: ['save the file as UTF-8'],
  }),
);

export const controlCharacter = defineError(
  'TDM-105',
  'The file holds a character that YAML does not allow, such as NUL.',
  (at: Place, code: number) => ({
    title: `a control character: U+${code.toString(16).toUpperCase().padStart(4, '0')}`,
    at,
    caption: 'YAML does not allow it',
    help: ['remove it; in a text in double quotes it can be written as an escape'],
  }),
);

export const fileEmpty = defineError('TDM-106', 'The file is empty or holds only comments.', (at: Place) => ({
  title: 'the file is empty',
  at,
  help: ['the smallest file has two keys: "tandem: 1" and "services:"', reference],
}));

// YAML

export const severalDocuments = defineError(
  'TDM-107',
  'The file holds more than one YAML document.',
  (at: Place) => ({
    title: 'more than one document in the file',
    at,
    caption: 'a second one starts here',
    help: ['remove the "---"; all services stand in one document'],
  }),
);

export const tabIndent = defineError('TDM-108', 'A line is indented with a tab.', (at: Place) => ({
  title: 'a tab in the indentation',
  at,
  caption: 'YAML does not allow tabs here',
  help: ['indent with blanks; most editors do it for you when told to'],
}));

export const badYaml = defineError(
  'TDM-109',
  'The text is not valid YAML.',
  (at: Place, caption: string, help: string[]) => ({ title: 'this is not valid YAML', at, caption, help }),
);

export const unknownAnchor = defineError(
  'TDM-110',
  'An alias (`*name`) names an anchor that is not defined before it, or that it is itself part of.',
  (at: Place, name: string, caption: string) => ({
    title: `no anchor "${name}" to refer to`,
    at,
    caption,
    help: [`a text that starts with an asterisk needs quotes: '*${name}'`],
  }),
);

export const aliasBomb = defineError(
  'TDM-111',
  'Aliases of aliases multiply to more than 500,000 values.',
  (at: Place, limit: number) => ({
    title: `aliases expand to more than ${limit.toLocaleString('en')} values`,
    at,
    help: ['remove aliases that repeat other aliases'],
  }),
);

export const badMerge = defineError(
  'TDM-112',
  'A merge key (`<<`) is given something else than a map or a list of maps.',
  (at: Place, found: string) => ({
    title: 'a merge key needs a map',
    at,
    caption: `found ${found}`,
    help: ['write "<<: *anchor", where the anchor is on a map, or "<<: [*one, *two]"'],
  }),
);

export const duplicateKey = defineError(
  'TDM-113',
  'A map has the same key twice.',
  (at: Place, key: string, labels: Label[]) => ({
    title: `"${key}" is there twice`,
    at,
    caption: 'the second one',
    labels,
    help: ['remove one, or merge the two'],
  }),
);

export const tagUsed = defineError('TDM-114', 'A YAML tag (`!name`) is used.', (at: Place, tag: string) => ({
  title: `tags such as "${tag}" have no meaning here`,
  at,
  caption: 'remove it',
  help: ['a text that starts with an exclamation mark needs quotes'],
}));

export const badKey = defineError(
  'TDM-115',
  'A key is empty, a list or a map.',
  (at: Place, found: string) => ({
    title: `a key must be a text, found ${found}`,
    at,
    caption: 'a name is needed here',
    help: [reference],
  }),
);

export const tooDeep = defineError(
  'TDM-116',
  'Lists and maps are nested more than 50 levels deep.',
  (at: Place) => ({
    title: 'nested too deep',
    at,
    caption: 'nothing in this language is nested this deep',
    help: ['is a bracket or a brace above it not closed?', reference],
  }),
);

export const tooManyErrors = defineError(
  'TDM-117',
  'The file has so many errors that only the first ones are shown.',
  (file: string, hidden: number) => ({
    title: `${hidden.toLocaleString('en')} more errors are not shown`,
    at: { file, range: null },
    help: ['correct the first ones and run it again'],
  }),
);

// The shape

export const unknownKey = defineError(
  'TDM-120',
  'A map has a key that the language does not know at this place.',
  (at: Place, key: string, caption: string, help: string[]) => ({
    title: `unknown key "${key}"`,
    at,
    caption,
    help,
  }),
);

export const missingKey = defineError(
  'TDM-121',
  'A map lacks a key that it needs.',
  (at: Place, key: string, what: string, help: string[]) => ({
    title: `the key "${key}" is missing`,
    at,
    caption: `${what} needs "${key}"`,
    help,
  }),
);

export const wrongType = defineError(
  'TDM-122',
  'A value is of the wrong type: a list for a map, a number for a text.',
  (at: Place, what: string, expected: string, found: string, help: string[]) => ({
    title: `${what} must be ${expected}`,
    at,
    caption: `found ${found}`,
    help,
  }),
);

export const badNotation = defineError(
  'TDM-123',
  'A text is not written as its key wants it, for instance a duration without a unit.',
  (at: Place, text: string, expected: string, caption: string, help: string[]) => ({
    title: `${text} is not ${expected}`,
    at,
    caption,
    help,
  }),
);

export const badName = defineError(
  'TDM-124',
  'A name chosen by the author has a form that is not allowed.',
  (at: Place, text: string, expected: string, caption: string, help: string[]) => ({
    title: `"${text}" cannot be ${expected}`,
    at,
    caption,
    help,
  }),
);

export const outOfRange = defineError(
  'TDM-125',
  'A number, a text or a list is smaller or larger than allowed.',
  (at: Place, what: string, caption: string, help: string[]) => ({
    title: `${what} is out of range`,
    at,
    caption,
    help,
  }),
);

export const repeatedItem = defineError(
  'TDM-126',
  'A list of names has the same one twice.',
  (at: Place, text: string, labels: Label[]) => ({
    title: `"${text}" is there twice`,
    at,
    caption: 'the second one',
    labels,
    help: ['remove one of them'],
  }),
);
