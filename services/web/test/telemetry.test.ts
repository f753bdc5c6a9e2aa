import { type BuiltService, createStaticDiscovery, defineService, TokenBucket } from '@tandem/common';
import { collectLog, fuzz, type LogLines } from '@tandem/common/testing';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type CallEvent, type ErrorEvent, EVENTS_PER_REPORT, REPORT_BYTES } from '../src/telemetry/events.ts';
import { addTelemetryRoute } from '../src/telemetry/telemetry-route.ts';

let service: BuiltService;
let log: LogLines;

async function start(bucket?: TokenBucket): Promise<void> {
  await service?.stop();
  log = collectLog();
  const web = defineService({
    name: 'web',
    description: 'For tests.',
    routes: (app, context) => addTelemetryRoute(app, context.log, context.metrics, bucket),
  });
  service = await web.build({ env: {}, discovery: createStaticDiscovery({}), logOutput: log });
}
beforeEach(() => start());
afterAll(() => service?.stop());

const error: ErrorEvent = {
  ...{ type: 'error', at: 1_800_000_000_000, kind: 'rejection', name: 'TypeError' },
  ...{ message: 'x is undefined', stack: 'at y (https://tandem.example/assets/index-a.js:1:2)', count: 3 },
};
const call: CallEvent = {
  ...{ type: 'call', at: 1_800_000_000_000, room: 'k3fj2', participant: 'p-1', people: 3, quality: 'poor' },
  findings: [
    { side: 'network', cause: 'loss' },
    { side: 'network', cause: 'delay' },
  ],
  ...{ way: 'tcp', roundTripMs: 450, jitterMs: 20, sendLoss: 0.2, receiveLoss: null },
  ...{ sendLimitBps: 300_000, framesPerSecond: 12 },
};
const report = (change: object = {}) => ({
  ...{ page: '11111111-2222-4333-8444-555555555555', browser: 'Chrome 156', language: 'de-AT', dropped: 0 },
  ...{ events: [error], ...change },
});
const post = (payload: unknown, headers: Record<string, string> = {}) =>
  service.app.inject({
    method: 'POST',
    url: '/api/web/telemetry',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
const lines = () => log.lines.filter(({ event }) => String(event).startsWith('client.'));
const metrics = async () => (await service.app.inject('/metrics')).body;

test('each event is one line of the log, and is counted', async () => {
  expect((await post(report({ events: [error, call] }))).statusCode).toBe(204);
  expect(lines()).toMatchObject([
    {
      level: 'warn',
      event: 'client.error',
      page: report().page,
      browser: 'Chrome 156',
      name: 'TypeError',
      count: 3,
    },
    {
      level: 'info',
      event: 'client.call',
      room: 'k3fj2',
      participant: 'p-1',
      quality: 'poor',
      findings: call.findings,
    },
  ]);
  const text = await metrics();
  expect(text).toMatch(/client_errors_total\{kind="rejection",[^}]*\} 1/);
  expect(text).toMatch(/client_call_reports_total\{quality="poor",[^}]*\} 1/);
  // Two findings on one side are one bad network.
  expect(text).toMatch(/client_call_findings_total\{side="network",[^}]*\} 1/);
  expect(text).toMatch(/client_call_round_trip_seconds_count\{way="tcp",[^}]*\} 1/);
});

test('what may say who somebody is does not get into the log, also from a page that sends it', async () => {
  const secret = 'https://tandem.example/r/k3fj2?x=1#code=let-me-in';
  const message = `ada@example.org failed at ${secret} with Zm9vYmFyYmF6cXV4.Zm9vYmFyYmF6cXV4.Zm9vYmFyYmF6cXV4`;
  expect((await post(report({ events: [{ ...error, message, stack: message }] }))).statusCode).toBe(204);
  const [line] = lines();
  expect(line?.message).toBe('[address] failed at https://tandem.example/r/k3fj2 with [token]');
  expect(log.text).not.toContain('let-me-in');
  expect(log.text).not.toContain('ada@example.org');
});

describe('hostile reports are refused, and nothing of them is written', () => {
  const many = Array.from({ length: EVENTS_PER_REPORT + 1 }, () => error);
  test.each([
    ['not JSON', '{"page":', 400],
    ['nothing', '', 422],
    ['no object', [1, 2], 422],
    ['no events', report({ events: [] }), 422],
    ['too many events', report({ events: many }), 422],
    ['an unknown type', report({ events: [{ type: 'login', at: 1 }] }), 422],
    ['a field more', report({ user: 'Ada' }), 422],
    ['a field more in an event', report({ events: [{ ...call, name: 'Ada' }] }), 422],
    ['a message that is too long', report({ events: [{ ...error, message: 'x'.repeat(501) }] }), 422],
    ['a label that nobody knows', report({ events: [{ ...error, kind: 'kind"} 1\nfake 2' }] }), 422],
    ['a quality that nobody knows', report({ events: [{ ...call, quality: 'purple' }] }), 422],
    ['more than everything lost', report({ events: [{ ...call, sendLoss: 7 }] }), 422],
    ['a page that is no id', report({ page: 'x'.repeat(36) }), 422],
    ['a room with a line break', report({ events: [{ ...call, room: 'a\nb' }] }), 422],
    ['a key twice', `{"page":"a","page":"b"}`, 400],
    ['a prototype', `{"__proto__":{"a":1}}`, 400],
    ['too large', `"${'x'.repeat(REPORT_BYTES)}"`, 413],
  ])('%s', async (_, payload, status) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(lines()).toEqual([]);
    expect(await metrics()).not.toContain('client_errors_total{');
  });

  test('another type of body', async () => {
    expect((await post('page=1', { 'content-type': 'text/plain' })).statusCode).toBe(415);
  });
});

test('a line break in a message stays within its line', async () => {
  await post(report({ events: [{ ...error, message: 'a\n{"level":"fatal"}' }] }));
  expect(lines()).toHaveLength(1);
  expect(log.lines.some(({ level }) => level === 'fatal')).toBe(false);
});

test('a flood is written down as far as there is room, and the rest is told to come later', async () => {
  let now = 0;
  await start(new TokenBucket({ burst: 3, perSecond: 1 }, () => now));
  const two = report({ events: [error, error] });
  expect((await post(two)).statusCode).toBe(204);
  expect((await post(two)).statusCode).toBe(204);
  expect(lines()).toHaveLength(3);
  const refused = await post(two);
  expect([refused.statusCode, refused.json().code]).toEqual([429, 'too-many-requests']);
  expect(refused.headers['retry-after']).toBe('30');
  now = 1_500;
  expect((await post(two)).statusCode).toBe(204);
  expect(lines()).toHaveLength(4);
  now = 1_000_000;
  expect((await post(report({ events: [error, error, error] }))).statusCode).toBe(204);
  expect((await post(two)).statusCode).toBe(429);
  expect(await metrics()).toMatch(/client_telemetry_dropped_total\{by="service",[^}]*\} 4/);
});

test('no generated report makes the route fail or answer what its OpenAPI does not say', async () => {
  const [route] = await fuzz(service.app, { authorization: 'Bearer nobody', runs: 100 });
  expect(route).toMatchObject({ method: 'POST', path: '/api/web/telemetry' });
  expect(route?.statuses).toContain(422);
}, 120_000);
