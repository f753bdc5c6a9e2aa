import fc, { type Arbitrary } from 'fast-check';
import type { App } from '../http/app.ts';
import { ProblemSchema } from '../http/problem.ts';
import { validatorOf, violationsOf } from '../validator.ts';
import { fitting, hostile, type JsonSchema, nastyText } from './arbitrary.ts';

export interface FuzzOptions {
  /** For routes that need a user; both with and without it are tried. */
  authorization: string;
  /** Requests per route. */
  runs?: number;
  /** Values that exist, by name of the path parameter, so that requests get past "not found". */
  known?: Record<string, string[]>;
}

interface Operation {
  parameters?: { name: string; in: string; schema: JsonSchema; required?: boolean }[];
  requestBody?: { content: { 'application/json'?: { schema: JsonSchema } } };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}

interface OpenapiDocument {
  paths: Record<string, Record<string, Operation>>;
}

export interface FuzzedRoute {
  method: string;
  path: string;
  statuses: Set<number>;
}

type Answer = Awaited<ReturnType<App['inject']>>;

/**
 * Sends generated requests to every route of a service's OpenAPI, fitting ones and hostile ones, and checks every
 * answer: no failure of ours (5xx), refusals are problems of the catalogue's shape, and successes are what the
 * OpenAPI says. Gives what each route answered, so that a test can see that it got anywhere.
 */
export async function fuzz(app: App, options: FuzzOptions): Promise<FuzzedRoute[]> {
  const document: OpenapiDocument = JSON.parse(JSON.stringify(app.swagger()));
  const routes: FuzzedRoute[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const statuses = new Set<number>();
      const property = fc.asyncProperty(
        requests(path, operation, options),
        async ({ url, body, headers }) => {
          const answer = await app.inject({
            method: method.toUpperCase() as 'GET',
            url,
            headers,
            ...(body === undefined ? {} : { payload: body }),
          });
          statuses.add(answer.statusCode);
          checkAnswer(`${method.toUpperCase()} ${path}`, operation, answer);
        },
      );
      await fc.assert(property, { numRuns: options.runs ?? 100 });
      routes.push({ method: method.toUpperCase(), path, statuses });
    }
  }
  return routes;
}

interface FuzzRequest {
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

function requests(
  path: string,
  operation: Operation,
  { authorization, known = {} }: FuzzOptions,
): Arbitrary<FuzzRequest> {
  const parameters = operation.parameters ?? [];
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const bodySchema = operation.requestBody?.content['application/json']?.schema;
  return fc
    .record({
      path: fc.record(
        Object.fromEntries(
          inPath.map(({ name, schema }) => [
            name,
            fc.oneof(
              fc.constantFrom(...(known[name] ?? ['none'])),
              fitting(schema),
              nastyText.filter((text) => text !== ''),
            ),
          ]),
        ),
      ),
      query: fc.record(
        Object.fromEntries(inQuery.map(({ name, schema }) => [name, fc.oneof(fitting(schema), nastyText)])),
        { requiredKeys: [] },
      ),
      extraQuery: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: nastyText }),
      body: bodySchema === undefined ? fc.constant(undefined) : bodies(bodySchema),
      contentType: fc.oneof(
        { weight: 9, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'text/plain',
            'application/x-www-form-urlencoded',
            'application/json; charset=utf-16',
            'x',
          ),
        },
      ),
      authorization: fc.oneof(
        { weight: 8, arbitrary: fc.constant(authorization) },
        {
          weight: 2,
          arbitrary: fc.constantFrom('', 'Bearer', 'Bearer a.b.c', 'Basic YTpi', `${authorization}x`),
        },
      ),
    })
    .map((parts) => {
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encode(String(parts.path[name])));
      const query = Object.entries(parts.query).map(([name, value]) => `${name}=${encode(String(value))}`);
      if (parts.extraQuery !== null) query.push(`${encode(parts.extraQuery)}=1`);
      return {
        url: query.length === 0 ? filled : `${filled}?${query.join('&')}`,
        headers: {
          ...(parts.authorization === '' ? {} : { authorization: parts.authorization }),
          ...(parts.body === undefined ? {} : { 'content-type': parts.contentType }),
        },
        body: parts.body,
      };
    });
}

function bodies(schema: JsonSchema): Arbitrary<string> {
  return fc.oneof(
    { weight: 8, arbitrary: hostile(schema).map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: nastyText },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{"a":1,"a":2}',
        '{"__proto__":{}}',
        `${'['.repeat(200)}${']'.repeat(200)}`,
        '{"constructor":{"prototype":{}}}',
      ),
    },
  );
}

/** A lone surrogate cannot be written as UTF-8, so no request can hold one. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const isProblem = validatorOf(ProblemSchema);

function checkAnswer(route: string, operation: Operation, answer: Answer): void {
  const status = answer.statusCode;
  const where = `${route} answered ${status} ${answer.body.slice(0, 300)}`;
  if (status >= 500) throw new Error(`${where}: it failed`);
  if (status >= 400) {
    const type = String(answer.headers['content-type']);
    if (!type.startsWith('application/problem+json')) throw new Error(`${where}: not a problem but ${type}`);
    if (!isProblem(answer.json())) throw new Error(`${where}: not the shape of a problem`);
    return;
  }
  const documented = operation.responses[String(status)];
  if (documented === undefined) throw new Error(`${where}: its OpenAPI does not know this status`);
  const schema = documented.content?.['application/json']?.schema;
  if (schema === undefined || status === 204) return;
  const validate = validatorOf(schema);
  if (!validate(answer.json())) {
    const [first] = violationsOf(validate.errors ?? []);
    throw new Error(`${where}: ${first?.pointer} ${first?.detail}`);
  }
}
