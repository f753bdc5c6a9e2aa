import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withSignal } from '../../src/queue/waiting.ts';

/** What was rejected and taken by nobody while something ran. */
async function unhandledDuring(run: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (reason: unknown) => void reasons.push(reason);
  process.on('unhandledRejection', note);
  try {
    await run();
    // Node tells of them when the microtasks of a turn are done.
    await nextTurn();
    await nextTurn();
    return reasons;
  } finally {
    process.off('unhandledRejection', note);
  }
}

const ended = new Error('ended');

test.each([
  ['before', (controller: AbortController) => controller.abort(ended), () => {}],
  ['while', () => {}, (controller: AbortController) => controller.abort(ended)],
])('the signal comes %s it is waited for: what fails later is taken', async (_when, before, meanwhile) => {
  const reasons = await unhandledDuring(async () => {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    before(controller);
    const waiting = withSignal(promise, controller.signal);
    meanwhile(controller);
    await expect(waiting).rejects.toBe(ended);
    reject(new Error('Connection is closed.'));
  });
  expect(reasons).toEqual([]);
});

test('the value, or the failure, where it comes first', async () => {
  const { signal } = new AbortController();
  await expect(withSignal(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(withSignal(Promise.reject(ended), signal)).rejects.toBe(ended);
});
