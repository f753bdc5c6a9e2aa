import type { FastifyRequest } from 'fastify';
import { createLineWriter, type Logger } from '../log.ts';
import type { App } from './app.ts';

/**
 * One line per answered request. Only the path is written: a query string may hold what must not be in a log.
 */
export function logRequests(app: App, log: Logger): void {
  const write = createLineWriter(log, 'request');
  app.addHook('onResponse', (request, reply, done) => {
    // Where Fastify refused the address itself, the request came no further.
    const { route = request.routeOptions.config } = request;
    if (route.quiet !== true) {
      const ms = Math.round(reply.elapsedTime * 10) / 10;
      const served = `"status":${reply.statusCode},"ms":${ms}`;
      write(`${whoseOf(request)},"method":"${request.method}"${pathOf(request.url, route.url)},${served}`);
    }
    done();
  });
}

function whoseOf({ context, id }: FastifyRequest): string {
  if (context === undefined) return `,"requestId":"${id}"`;
  const { requestId, trace, userId } = context;
  const user = userId === undefined ? '' : `,"userId":${JSON.stringify(userId)}`;
  return `,"requestId":"${requestId}","traceId":"${trace.traceId}"${user}`;
}

function pathOf(url: string, route: string | undefined): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  if (route === undefined) return `,"path":${JSON.stringify(path)}`;
  const written = writtenRoute(route);
  return `,"path":${path === route ? written : JSON.stringify(path)},"route":${written}`;
}

const writtenRoutes = new Map<string, string>();

/** As JSON, put together once: there are as many as the service has routes. */
function writtenRoute(route: string): string {
  let written = writtenRoutes.get(route);
  if (written === undefined) {
    written = JSON.stringify(route);
    writtenRoutes.set(route, written);
  }
  return written;
}
