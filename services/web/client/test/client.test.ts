import { describe, expect, test } from 'vitest';
import { Problem, problemOf } from '../api/problem.ts';
import { faultOf } from '../devices/devices.ts';
import { levelOf } from '../devices/level.ts';
import { en } from '../i18n/en.ts';
import { localTime, nextHalfHour } from '../screens/local-time.ts';
import { codeOf, pathOfRoom, roomOf } from '../screens/room-address.ts';
import { problemText } from '../ui/problem-text.ts';

describe('what somebody pastes to get into a room', () => {
  const origin = 'https://tandem.example';
  test.each([
    ['k3fj2-abc', { room: 'k3fj2-abc', code: null }],
    ['  k3fj2-abc\n', { room: 'k3fj2-abc', code: null }],
    [`${origin}/r/k3fj2`, { room: 'k3fj2', code: null }],
    [`${origin}/r/k3fj2/?from=mail`, { room: 'k3fj2', code: null }],
    [`${origin}/r/k3fj2#code=a%2Fb`, { room: 'k3fj2', code: 'a/b' }],
  ])('%j is a room', (text, address) => {
    expect(roomOf(text, origin)).toEqual(address);
  });

  test.each([
    '',
    'a b',
    'https://elsewhere.example/r/k3fj2',
    `${origin}/`,
    `${origin}/r/`,
    `${origin}/r/../api`,
    'javascript:alert(1)',
    '../../etc/passwd',
    'x'.repeat(10_000),
  ])('%j is none', (text) => {
    expect(roomOf(text, origin)).toBeNull();
  });

  test('a path of a room leads back to it', () => {
    const address = { room: 'k3fj2', code: 'a b/c#d' };
    const path = pathOfRoom(address);
    expect(roomOf(origin + path, origin)).toEqual(address);
    expect(codeOf(new URL(origin + path).hash)).toBe(address.code);
  });
});

test('a meeting is suggested for the next half hour, in the form that fields have', () => {
  const at = (time: string) => localTime(nextHalfHour(new Date(`2026-03-09T${time}`)));
  expect(at('08:00:00')).toBe('2026-03-09T08:30');
  expect(at('08:29:59')).toBe('2026-03-09T08:30');
  expect(at('23:45:00')).toBe('2026-03-10T00:00');
});

test('loudness is 0 for silence, 1 for all there is, and between in decibels', () => {
  expect(levelOf(new Float32Array(1024))).toBe(0);
  expect(levelOf(new Float32Array(1024).fill(1))).toBe(1);
  // −30 dB of −60…0
  expect(levelOf(new Float32Array(1024).fill(10 ** (-30 / 20)))).toBeCloseTo(0.5);
});

test('what a browser says of a device becomes what a person can do', () => {
  expect(faultOf(new DOMException('', 'NotAllowedError'))).toBe('blocked');
  expect(faultOf(new DOMException('', 'NotReadableError'))).toBe('taken');
  expect(faultOf(new DOMException('', 'NotFoundError'))).toBe('missing');
  expect(faultOf(new Error('anything'))).toBe('failed');
});

describe('a request that failed', () => {
  const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
    problemOf(new Response(body, { status, headers }));

  test('is read as problem+json, and as anything else that comes', async () => {
    const said = await answer(429, '{"code":"too-many-requests","title":"Too many"}', { 'retry-after': '7' });
    expect(said).toMatchObject({ status: 429, code: 'too-many-requests', retryAfter: 7 });
    for (const body of ['', '<html>', '[]', '7', '{"code":{}}', 'null']) {
      expect(await answer(502, body, { 'retry-after': 'soon' })).toMatchObject({
        code: 'http-502',
        retryAfter: null,
      });
    }
  });

  test('is told in words: those of the place, else those of what is wrong', () => {
    const text = (status: number, code: string) =>
      problemText(new Problem(status, code, ''), en, { refused: 'Not let in.' });
    expect(text(403, 'refused')).toBe('Not let in.');
    expect(text(0, 'offline')).toBe(en.problems.offline);
    expect(text(429, 'too-many-requests')).toBe(en.problems.busy);
    expect(text(503, 'unavailable')).toBe(en.problems.away);
    expect(text(401, 'session-ended')).toBe(en.problems.signInAgain);
    expect(text(500, 'internal-error')).toBe(en.problems.other);
    expect(problemText(new TypeError('bug'), en)).toBe(en.problems.other);
  });
});
