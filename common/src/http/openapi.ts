import swagger from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import type { App } from './app.ts';
import { renderDocs } from './docs-page.ts';
import { JSON_TYPE, type JsonSchema, type OpenapiDocument, operationsOf } from './openapi-document.ts';
import { ProblemSchema, type ProblemType } from './problem.ts';

export interface OpenapiOptions {
  name: string;
  description: string;
  version: string;
  /** Serve a page for people, too. */
  docs: boolean;
}

const PROBLEM = 'application/problem+json';

const problemContent = { content: { [PROBLEM]: { schema: ProblemSchema } } };

/** What any route may answer besides its own answers, so that a generated client knows the shape. */
const FAILURES = {
  '4xx': { description: 'The request was refused', ...problemContent },
  '5xx': { description: 'The request could not be served', ...problemContent },
};

/**
 * Derives OpenAPI 3.1 from the routes' schemas and serves it at `/api/<name>/openapi.json`; locally a page for
 * people stands at `/api/<name>/docs`. Must be registered before the routes.
 */
export async function addOpenapi(app: App, options: OpenapiOptions): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: options.name, description: options.description, version: options.version },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: {
        ...schema,
        ...(route.config?.access === 'public' ? {} : { security: [{ bearer: [] }] }),
        response: { ...successes(route), ...failures(route.config?.problems ?? []), ...FAILURES },
        'x-problems': codesOf(route.config?.problems ?? []),
      },
    }),
    transformObject: (made) =>
      tidy(JSON.parse(JSON.stringify('openapiObject' in made ? made.openapiObject : {}))),
  });
  const config = { access: 'public' } as const;
  app.get(`/api/${options.name}/openapi.json`, { config, schema: { hide: true } }, () => app.swagger());
  if (options.docs) {
    app.get(`/api/${options.name}/docs`, { config, schema: { hide: true } }, (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(renderDocs(app.swagger())),
    );
  }
}

function successes(route: RouteOptions): object {
  const declared = route.schema?.response;
  return typeof declared === 'object' && declared !== null ? declared : {};
}

function failures(types: readonly ProblemType[]): Record<string, object> {
  const byStatus = Map.groupBy(types, (type) => type.status);
  return Object.fromEntries(
    [...byStatus].map(([status, sameStatus]) => [
      status,
      {
        description: sameStatus.map((type) => `\`${type.code}\`: ${type.title}`).join('. '),
        ...problemContent,
      },
    ]),
  );
}

/** The codes that a route answers on purpose, for programs: others come from what all routes have in common. */
function codesOf(types: readonly ProblemType[]): Record<string, number> {
  return Object.fromEntries(types.map(({ code, status }) => [code, status]));
}

/** Says the shape of problems once instead of in every answer, and requires nothing that may be left out. */
function tidy(document: OpenapiDocument): OpenapiDocument {
  for (const { parameters = [], requestBody, responses } of operationsOf(document).values()) {
    for (const parameter of parameters) {
      if ('default' in parameter.schema) parameter.required = false;
    }
    const body = requestBody?.content[JSON_TYPE]?.schema;
    if (requestBody !== undefined && takesNull(body)) requestBody.required = false;
    for (const { content = {} } of Object.values(responses)) {
      if (content[PROBLEM] !== undefined)
        content[PROBLEM] = { schema: { $ref: '#/components/schemas/Problem' } };
    }
  }
  const schemas = { ...document.components?.schemas, Problem: { ...ProblemSchema } };
  return { ...document, components: { ...document.components, schemas } };
}

/** No body at all is null to a handler. */
function takesNull(schema: JsonSchema | undefined): boolean {
  return Array.isArray(schema?.anyOf) && schema.anyOf.some(({ type }) => type === 'null');
}
