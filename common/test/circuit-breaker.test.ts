import { expect, test } from 'vitest';
import { createCircuitBreaker } from '../src/client/circuit-breaker.ts';

/** A breaker with a clock of its own. */
function breakerAt() {
  let time = 1_000;
  const breaker = createCircuitBreaker(() => time);
  return {
    ...breaker,
    pass(ms: number) {
      time += ms;
    },
    fail(times: number) {
      for (let i = 0; i < times; i++) {
        breaker.sent('a');
        breaker.failed('a');
      }
    },
  };
}

test('opens after five failures in a row, for this instance only', () => {
  const breaker = breakerAt();
  breaker.fail(4);
  breaker.succeeded('a');
  breaker.fail(4);
  expect(breaker.allows('a')).toBe(true);
  breaker.fail(1);
  expect([breaker.allows('a'), breaker.allows('b')]).toEqual([false, true]);
});

test('after the pause one request tries, and the others wait for its answer', () => {
  const breaker = breakerAt();
  breaker.fail(5);
  breaker.pass(500);
  expect(breaker.allows('a')).toBe(true);
  breaker.sent('a');
  expect(breaker.allows('a')).toBe(false);
  breaker.succeeded('a');
  expect(breaker.allows('a')).toBe(true);
  breaker.fail(4);
  expect(breaker.allows('a')).toBe(true);
});

test('each try that fails doubles the pause, up to the longest; half of it is chance', () => {
  const breaker = breakerAt();
  breaker.fail(5);
  for (const pause of [500, 1_000, 2_000, 2_000, 2_000]) {
    breaker.pass(pause / 2 - 1);
    expect(breaker.allows('a')).toBe(false);
    breaker.pass(pause / 2 + 1);
    expect(breaker.allows('a')).toBe(true);
    breaker.fail(1);
  }
});

test('requests that were under way together open it once', () => {
  const breaker = breakerAt();
  breaker.fail(5);
  for (let i = 0; i < 50; i++) breaker.failed('a');
  breaker.pass(500);
  expect(breaker.allows('a')).toBe(true);
});

test('a try that is never answered does not keep it open for ever', () => {
  const breaker = breakerAt();
  breaker.fail(5);
  breaker.pass(500);
  breaker.sent('a');
  breaker.pass(500);
  expect(breaker.allows('a')).toBe(true);
});
