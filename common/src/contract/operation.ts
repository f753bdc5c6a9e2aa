import {
  JSON_TYPE,
  type JsonSchema,
  type OpenapiDocument,
  type Operation,
  operationsOf,
} from '../http/openapi-document.ts';
import type { ImportedOperation } from './imported-api.ts';

/** What callers of each operation rely on. */
export function importsOf(document: OpenapiDocument): Map<string, ImportedOperation> {
  return new Map([...operationsOf(document)].map(([name, operation]) => [name, importOf(operation)]));
}

function importOf(operation: Operation): ImportedOperation {
  const [params, query] = [parametersOf(operation, 'path'), parametersOf(operation, 'query')];
  const body = contentOf(operation.requestBody?.content);
  const successes = Object.entries(operation.responses).filter(([status]) => /^[23]\d\d$/.test(status));
  return {
    secured: operation.security !== undefined,
    ...(params === null ? {} : { params }),
    ...(query === null ? {} : { query }),
    ...(body === null ? {} : { body }),
    answers: Object.fromEntries(successes.map(([status, { content }]) => [status, contentOf(content)])),
    problems: operation['x-problems'] ?? {},
  };
}

function parametersOf({ parameters = [] }: Operation, place: string): JsonSchema | null {
  const found = parameters.filter((parameter) => parameter.in === place);
  if (found.length === 0) return null;
  return {
    type: 'object',
    required: found.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(found.map(({ name, schema }) => [name, schema])),
    additionalProperties: false,
  };
}

/** Content that is not JSON is known by its types only. */
function contentOf(content: Record<string, { schema?: JsonSchema }> = {}): JsonSchema | null {
  const types = Object.keys(content);
  if (types.length === 0) return null;
  return content[JSON_TYPE]?.schema ?? { contentMediaType: types.sort().join(', ') };
}

/** Whether it takes and gives JSON, or nothing. */
export function isCallable({ body, answers }: ImportedOperation): boolean {
  const isJson = (schema: object | null | undefined) => !('contentMediaType' in (schema ?? {}));
  return isJson(body) && Object.values(answers).every(isJson);
}
