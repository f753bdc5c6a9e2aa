import type { App } from './app.ts';

/**
 * One line per answered request. Only the path is written: a query string may hold what must not be in a log.
 */
export function logRequests(app: App): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.config.quiet !== true) {
      const { requestId, trace, userId } = request.context ?? { requestId: request.id };
      request.log.info(
        {
          requestId,
          traceId: trace?.traceId,
          userId,
          method: request.method,
          path: request.url.split('?', 1)[0],
          route: request.routeOptions.url,
          status: reply.statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
        },
        'request',
      );
    }
    done();
  });
}
