import swagger from '@fastify/swagger';
import type { RouteOptions } from 'fastify';
import type { App } from './app.ts';
import { renderDocs } from './docs-page.ts';
import { ProblemSchema, type ProblemType } from './problem.ts';

export interface OpenapiOptions {
  name: string;
  description: string;
  version: string;
  /** Serve a page for people, too. */
  docs: boolean;
}

const problemContent = { content: { 'application/problem+json': { schema: ProblemSchema } } };

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
      },
    }),
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
