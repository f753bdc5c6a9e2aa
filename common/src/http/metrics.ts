import { collectDefaultMetrics, Gauge } from 'prom-client';
import type { LogIdentity } from '../log.ts';
import { Durations } from '../metrics/durations.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { App } from './app.ts';

/** From a cached read to the longest the edge waits by default. */
const LATENCY_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Measures every request by route and serves `GET /metrics` in Prometheus' text format, with the process's memory,
 * CPU, event loop lag and GC pauses. The edge routes no such path, so only the inside can read it.
 */
export function addMetrics(app: App, identity: LogIdentity): Metrics {
  const metrics = new Metrics(identity);
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 20 });
  new Gauge({
    name: 'service_info',
    help: 'Always 1; says which version runs',
    labelNames: ['version', 'environment', 'allocation'],
    registers: [metrics],
  }).set(
    { version: identity.version, environment: identity.environment, allocation: identity.allocation ?? '' },
    1,
  );
  const latency = metrics.add(
    new Durations({
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of the headers to the last byte of the answer',
      labels: ['method', 'route', 'status'],
      boundsS: LATENCY_BOUNDS_S,
    }),
  );
  app.addHook('onResponse', (request, reply, done) => {
    // Where Fastify refused the address itself, the request came no further.
    const { route = request.routeOptions.config } = request;
    // Addresses that nobody serves share one label: there are as many as an attacker likes.
    if (route.quiet !== true)
      latency.add(reply.elapsedTime, request.method, route.url ?? 'none', String(reply.statusCode));
    done();
  });
  app.get(
    '/metrics',
    { config: { access: 'public', quiet: true }, schema: { hide: true } },
    async (_request, reply) => {
      const text = await metrics.metrics();
      return reply.type(metrics.contentType).send(text);
    },
  );
  return metrics;
}
