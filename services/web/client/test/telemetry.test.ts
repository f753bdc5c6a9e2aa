import { Check } from 'typebox/value';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EVENTS_PER_REPORT, REPORT_BYTES, Report } from '../../src/telemetry/events.ts';
import { unknownQuality } from '../quality/monitor.ts';
import { browserName, type Outlet, Telemetry } from '../telemetry/telemetry.ts';
import { callEventOf } from '../telemetry/use-call-reports.ts';

let reports: Report[];
let beacons: Report[];
let outcome: Awaited<ReturnType<Outlet['post']>>;
let telemetry: Telemetry;

/** What leaves the page is what the service takes. */
function read(body: string): Report {
  expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(REPORT_BYTES);
  const report: unknown = JSON.parse(body);
  if (!Check(Report, report)) throw new Error(`the service would refuse ${body.slice(0, 300)}`);
  return report;
}

beforeEach(() => {
  vi.useFakeTimers();
  reports = [];
  beacons = [];
  outcome = 'arrived';
  telemetry = new Telemetry({
    async post(body) {
      reports.push(read(body));
      return outcome;
    },
    beacon: (body) => void beacons.push(read(body)),
  });
});
afterEach(() => {
  telemetry.leave();
  vi.useRealTimers();
});

const later = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
const call = callEventOf(
  'k3fj2',
  { me: 'p-1', participants: [] },
  {
    ...unknownQuality,
    own: 'good',
    levels: new Map([['p-2', 'poor']]),
    findings: [{ side: 'others', cause: 'one-bad', level: 'poor', names: ['Bob Guest'] }],
    figures: {
      way: { kind: 'udp', roundTripMs: 9, jitterMs: 3, sendLoss: 0, receiveLoss: null, sendLimitBps: 1e6 },
      sending: null,
      arrivals: new Map(),
    },
  },
);

test('errors and calls go together, the same error once with its number', async () => {
  for (let time = 1; time <= 3; time++) telemetry.error('error', new TypeError('x is undefined'));
  telemetry.error('rejection', {
    toString: () => {
      throw new Error('hostile');
    },
  });
  if (call === null) throw new Error('there are figures');
  telemetry.add(call);
  await later(4);
  expect(reports).toEqual([]);
  await later(2);
  expect(reports).toHaveLength(1);
  expect(reports[0]?.events).toMatchObject([
    { type: 'error', name: 'TypeError', message: 'x is undefined', count: 3 },
    { type: 'error', kind: 'rejection', name: 'object', message: 'without words' },
    { type: 'call', room: 'k3fj2', quality: 'poor', findings: [{ side: 'others', cause: 'one-bad' }] },
  ]);
  // Names stay in the page.
  expect(JSON.stringify(reports)).not.toContain('Bob');
});

test('an error without an end does not make reports without an end', async () => {
  for (let time = 0; time < 6_000; time++) {
    telemetry.error('error', new Error(`error number ${time}`));
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(reports.length).toBeLessThanOrEqual(3);
  for (const { events } of reports) expect(events.length).toBeLessThanOrEqual(10);
  expect(reports.at(-1)?.dropped).toBeGreaterThan(1_000);
});

test('what did not arrive is told again, as far as there is room; what was refused is not', async () => {
  outcome = 'failed';
  telemetry.error('error', new Error('first'));
  await later(6);
  outcome = 'arrived';
  await later(60);
  expect(reports.map(({ events }) => events.map((each) => each.type === 'error' && each.message))).toEqual([
    ['first'],
    ['first'],
  ]);
  outcome = 'refused';
  telemetry.error('error', new Error('second'));
  await later(300);
  expect(reports).toHaveLength(3);
});

test('a page that stays without a connection keeps the latest, and no more than one report of them', async () => {
  outcome = 'failed';
  if (call === null) throw new Error('there are figures');
  for (let minute = 0; minute < 200; minute++) {
    telemetry.add({ ...call, people: minute });
    await later(60);
  }
  outcome = 'arrived';
  await later(60);
  const last = reports.at(-1);
  expect(last?.events).toHaveLength(EVENTS_PER_REPORT);
  expect(last?.events.at(-1)).toMatchObject({ people: 199 });
  expect(last?.dropped).toBe(200 - EVENTS_PER_REPORT);
});

test('what is left is told when the page goes away, as large as a browser lets it be', () => {
  for (let n = 0; n < 10; n++) {
    const error = new Error(`${n}${'ü'.repeat(1_000)}`);
    error.stack = '漢'.repeat(5_000);
    telemetry.error('error', error);
  }
  telemetry.leave();
  telemetry.leave();
  expect(beacons).toHaveLength(1);
  expect(beacons[0]?.events.length).toBeGreaterThan(3);
});

test('nothing that says who somebody is leaves the page', async () => {
  telemetry.error('error', new Error('ada@example.org at https://tandem.example/r/k3fj2#code=let-me-in'));
  await later(6);
  expect(reports[0]?.events[0]).toMatchObject({ message: '[address] at https://tandem.example/r/k3fj2' });
  expect(JSON.stringify(reports)).not.toContain('let-me-in');
});

test('of a call nothing is told before anything is known', () => {
  expect(callEventOf('k3fj2', { me: 'p-1', participants: [] }, unknownQuality)).toBeNull();
});

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.1.2 Safari/537.36',
    'Chrome 156',
  ],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0', 'Edg 156'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox 150'],
  [
    'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
    'Safari 19',
  ],
  ['curl', 'other'],
])('%s is %s', (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});
