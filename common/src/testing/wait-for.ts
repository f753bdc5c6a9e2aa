import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition gives something true, and gives that; fails with the last error or after `timeoutMs`. */
export async function waitFor<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  timeoutMs = 60_000,
): Promise<Exclude<Value, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  let failure: unknown;
  do {
    try {
      const value = await condition();
      if (isTrue(value)) return value;
    } catch (error) {
      failure = error;
    }
    await sleep(20);
  } while (Date.now() < deadline);
  throw new Error(`${what}: not so within ${timeoutMs} ms`, { cause: failure });
}

function isTrue<Value>(value: Value): value is Exclude<Value, false | null | undefined> {
  return value !== undefined && value !== null && value !== false;
}
