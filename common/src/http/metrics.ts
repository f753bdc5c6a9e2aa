import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LogIdentity } from '../log.ts';
import type { App } from './app.ts';

/** Seconds. From a cached read to the longest the edge waits by default. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Measures every request by route and serves `GET /metrics` in Prometheus' text format, with the process's memory,
 * CPU, event loop lag and GC pauses. The edge routes no such path, so only the inside can read it.
 */
export function addMetrics(app: App, identity: LogIdentity): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: identity.service, cloud: identity.cloud });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  new Gauge({
    name: 'service_info',
    help: 'Always 1; says which version runs',
    labelNames: ['version', 'environment', 'allocation'],
    registers: [registry],
  }).set(
    { version: identity.version, environment: identity.environment, allocation: identity.allocation ?? '' },
    1,
  );
  const latency = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of the headers to the last byte of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.config.quiet !== true) {
      // Addresses that nobody serves share one label: there are as many as an attacker likes.
      const route = request.routeOptions.url ?? 'none';
      latency.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    }
    done();
  });
  app.get(
    '/metrics',
    { config: { access: 'public', quiet: true }, schema: { hide: true } },
    async (_request, reply) => {
      const text = await registry.metrics();
      return reply.type(registry.contentType).send(text);
    },
  );
  return registry;
}
