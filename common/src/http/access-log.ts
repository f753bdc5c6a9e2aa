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
      write(`${whoseOf(request)},"method":"${request.method}"${pathOf(request, route.url)},${served}`);
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

function pathOf({ url }: FastifyRequest, route: string | undefined): string {
  const query = url.indexOf('?');
  const path = JSON.stringify(query < 0 ? url : url.slice(0, query));
  return route === undefined ? `,"path":${path}` : `,"path":${path},"route":${JSON.stringify(route)}`;
}
