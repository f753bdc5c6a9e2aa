import type { OpenapiDocument } from '../http/openapi-document.ts';
import type { Break } from './break.ts';
import type { ImportedApi, ImportedOperation } from './imported-api.ts';
import { importsOf } from './operation.ts';
import { schemaBreaks, type Use } from './schema-breaks.ts';

/** What a caller that was written for the former OpenAPI would stumble over. */
export function apiBreaks(before: OpenapiDocument, after: OpenapiDocument): Break[] {
  return operationsBreaks(Object.fromEntries(importsOf(before)), Object.fromEntries(importsOf(after)));
}

type Operations = ImportedApi['operations'];

/** The same for operations that it has copied. */
export function operationsBreaks(before: Operations, after: Operations): Break[] {
  return Object.entries(before).flatMap(([part, operation]) =>
    operationBreaks(operation, after[part]).map((found) => ({ part, found })),
  );
}

/** It is gone, refuses what it took, or answers what the caller does not know. */
function operationBreaks(before: ImportedOperation, after: ImportedOperation | undefined): string[] {
  if (after === undefined) return ['is gone'];
  return [
    ...(after.secured && !before.secured ? ['needs a token now'] : []),
    ...inputBreaks('path', before.params ?? NO_PARAMETERS, after.params ?? NO_PARAMETERS),
    ...inputBreaks('query', before.query ?? NO_PARAMETERS, after.query ?? NO_PARAMETERS),
    // A body that is not asked for any more is not looked at.
    ...(after.body === undefined ? [] : inputBreaks('body', before.body ?? NO_BODY, after.body)),
    ...answerBreaks(before.answers, after.answers),
    ...problemBreaks(before.problems, after.problems),
  ];
}

const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };
const NO_BODY = { type: 'null' };

function inputBreaks(part: string, before: object, after: object): string[] {
  return compare(before, after, 'sent').map((found) => `the ${part}: ${found}`);
}

function answerBreaks(before: ImportedOperation['answers'], after: ImportedOperation['answers']): string[] {
  const gone = Object.keys(before).filter((status) => after[status] === undefined);
  return [
    ...gone.map((status) => `does not answer ${status} any more`),
    ...Object.entries(after).flatMap(([status, now]) => {
      const former = before[status];
      if (former === undefined) return [`may answer ${status}, which is new`];
      const found = compare(former ?? NO_BODY, now ?? NO_BODY, 'read');
      return found.map((each) => `the answer ${status}: ${each}`);
    }),
  ];
}

/** A caller that waits for a code waits in vain when it has another name or status. */
function problemBreaks(
  before: ImportedOperation['problems'],
  after: ImportedOperation['problems'],
): string[] {
  return Object.entries(before).flatMap(([code, status]) => {
    const now = after[code];
    if (now === undefined) return [`does not answer ${code} any more`];
    return now === status ? [] : [`answers ${code} with ${now} instead of ${status}`];
  });
}

const compare = (before: object, after: object, use: Use) => schemaBreaks({ ...before }, { ...after }, use);
