import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until the condition holds and returns what it returned; fails with the last error or value after the
 * deadline (ms), so that a test waits on what it means instead of sleeping.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | false | null | undefined>,
  deadlineMs = 60_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown = 'never true';
  while (Date.now() < end) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await delay(100);
  }
  throw new Error(
    `waited ${deadlineMs / 1000} s for: ${what} (${last instanceof Error ? last.message : String(last)})`,
  );
}
