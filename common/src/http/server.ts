import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyRequest, fastify, LogController } from 'fastify';
import type { Logger } from '../log.ts';
import { currentRequest, type RequestContext, withRequestContext } from '../request-context.ts';
import { readTraceContext } from '../trace-context.ts';
import { validatorOf } from '../validator.ts';
import { createAllowedMethods } from './allowed-methods.ts';
import type { App } from './app.ts';
import { acceptStrictJson } from './body.ts';
import { connectionProblem, PROBLEM_JSON, sendProblem } from './errors.ts';
import * as problems from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext;
    /** `routeOptions.config`, which Fastify puts together anew at every look. */
    route: FastifyRequest['routeOptions']['config'];
  }
}

export interface ServerOptions {
  log: Logger;
  /** Largest request body in bytes, unless a route says otherwise. */
  bodyLimit: number;
  /** Whose X-Forwarded-For is believed, as `proxy-addr` takes it. */
  trustedProxies: string;
}

/** What an id from outside may look like; any other is replaced, so that nothing is smuggled into logs. */
const REQUEST_ID = /^[\w.:-]{8,64}$/;

/** Under which Fastify gives the child logger of a request its id. */
const REQUEST_ID_LABEL = 'reqId';

/** nginx keeps idle connections for 60 s: it must be the one that closes them, or it sends into a closed one. */
const KEEP_ALIVE_MS = 75_000;

/** A slow sender occupies a connection; it gets this long for a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Fastify with everything that is the same for all services, and no routes yet. */
export function createServer(options: ServerOptions): App {
  const app: App = fastify({
    loggerInstance: sharedByRequests(options.log),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: REQUEST_ID_LABEL }),
    genReqId: requestIdOf,
    trustProxy: options.trustedProxies.split(','),
    bodyLimit: options.bodyLimit,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request that got in while the service stops is served like any other (see drain.ts).
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
  });

  app.setValidatorCompiler(({ schema, httpPart }) =>
    validatorOf(schema, httpPart === 'body' || httpPart === undefined ? 'exact' : 'text'),
  );
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  acceptStrictJson(app);

  app.decorateRequest('context');
  app.decorateRequest('route');
  app.addHook('onRequest', (request, reply, done) => {
    request.context = contextOf(request);
    request.route = request.routeOptions.config;
    reply.header('x-request-id', request.id);
    withRequestContext(request.context, done);
  });
  // Reading the body leaves the context of the request behind: events of the socket belong to the connection.
  app.addHook('preHandler', ({ context }, _reply, done) => {
    if (currentRequest() === context) done();
    else withRequestContext(context, done);
  });

  const allowedMethods = createAllowedMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(request.url);
    if (allowed.length === 0) return sendProblem(problems.notFound(), request, reply);
    const headers = { allow: allowed.join(', ') };
    return sendProblem(problems.methodNotAllowed(undefined, { headers }), request, reply);
  });
  return app;
}

function contextOf({ id, headers }: FastifyRequest): RequestContext {
  return {
    requestId: id,
    trace: readTraceContext(header(headers.traceparent), header(headers.tracestate)),
    authorization: headers.authorization,
    userId: undefined,
    user: undefined,
  };
}

/**
 * The log takes the request's ids from its context, so that requests need no child logger each. Said here rather than by a
 * `childLoggerFactory`, because Fastify looks at each method of what that gives, with every request.
 */
function sharedByRequests(log: Logger): Logger {
  function child(this: Logger, bindings: object, options?: object): Logger {
    return REQUEST_ID_LABEL in bindings ? this : Reflect.apply(log.child, this, [bindings, options]);
  }
  return Object.assign(Object.create(log), { child });
}

function requestIdOf(request: IncomingMessage): string {
  const given = header(request.headers['x-request-id']);
  return given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Node joins or lists repeated headers; the first one counts. */
function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = connectionProblem(error.code ?? '');
  const body = JSON.stringify(problem.body());
  const head = [
    `HTTP/1.1 ${problem.type.status} ${problem.type.title}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
