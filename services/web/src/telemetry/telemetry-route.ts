import {
  type App,
  Counts,
  Durations,
  type Logger,
  type Metrics,
  problems,
  TokenBucket,
  Type,
} from '@tandem/common';
import { REPORT_BYTES, Report, type TelemetryEvent } from './events.ts';
import { scrub } from './scrub.ts';

/** Seconds, from the same city to a satellite and back. */
const ROUND_TRIP_BUCKETS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.6, 1, 2];

/** Lines of the log that one instance writes for pages: at once, and a second. */
const LINES = { burst: 2_000, perSecond: 200 };

/** What pages report: each event becomes a line of the log and a step of a counter. */
export function addTelemetryRoute(
  app: App,
  log: Logger,
  metrics: Metrics,
  lines = new TokenBucket(LINES),
): void {
  const counts = metricsOf(metrics);
  app.post(
    '/api/web/telemetry',
    {
      bodyLimit: REPORT_BYTES,
      config: { access: 'public', problems: [problems.tooManyRequests] },
      schema: {
        summary: 'Report what went wrong in a page, and how a call is',
        description: 'From anybody: pages report before anybody has signed in. What is too much is not kept.',
        body: Report,
        response: { 204: Type.Null() },
      },
    },
    async ({ body }, reply) => {
      const { events, page, browser, language } = body;
      if (body.dropped > 0) counts.dropped.add('page');
      const kept = lines.take(events.length);
      if (kept < events.length) counts.dropped.add('service');
      if (kept === 0) throw problems.tooManyRequests(undefined, { headers: { 'retry-after': '30' } });
      for (const event of events.slice(0, kept)) {
        write(log, event, { page, browser: scrub(browser), language });
        counts.count(event);
      }
      return reply.code(204).send(null);
    },
  );
}

function write(
  log: Logger,
  event: TelemetryEvent,
  from: { page: string; browser: string; language: string },
): void {
  if (event.type === 'call') {
    const { type: _, ...call } = event;
    log.info({ event: 'client.call', ...from, ...call }, 'how a call is');
    return;
  }
  const { kind, name, message, stack, count, at } = event;
  log.warn(
    {
      ...{ event: 'client.error', ...from, at, kind, count },
      ...{ name: scrub(name), message: scrub(message), stack: scrub(stack) },
    },
    'an error in a page',
  );
}

/** Labels have the few values that the schema allows, so that no page can make new series. */
function metricsOf(metrics: Metrics) {
  const errors = metrics.add(
    new Counts({ name: 'client_errors_total', help: 'Reported by pages', labels: ['kind'] }),
  );
  const calls = metrics.add(
    new Counts({
      name: 'client_call_reports_total',
      help: 'Reports of a call, by how its connection was',
      labels: ['quality'],
    }),
  );
  const findings = metrics.add(
    new Counts({
      name: 'client_call_findings_total',
      help: 'Whose side it was, in reports of calls that were bad',
      labels: ['side'],
    }),
  );
  const roundTrip = metrics.add(
    new Durations({
      name: 'client_call_round_trip_seconds',
      help: 'Between a page and its media server, by the kind of the way',
      labels: ['way'],
      boundsS: ROUND_TRIP_BUCKETS,
    }),
  );
  const dropped = metrics.add(
    new Counts({
      name: 'client_telemetry_dropped_total',
      help: 'Reports of which something was left out, by who did that',
      labels: ['by'],
    }),
  );
  return {
    dropped,
    count(event: TelemetryEvent): void {
      if (event.type === 'error') {
        errors.add(event.kind);
        return;
      }
      calls.add(event.quality ?? 'unknown');
      for (const side of new Set(event.findings.map((each) => each.side))) findings.add(side);
      if (event.roundTripMs !== null) roundTrip.add(event.roundTripMs, event.way ?? 'unknown');
    },
  };
}
