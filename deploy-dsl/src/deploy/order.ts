/** Something that is rolled out once what it needs is healthy. */
export interface Ordered {
  id: string;
  /** Needs that are not among the items are taken as met. */
  needs: readonly string[];
}

/**
 * Runs every item as soon as all that it needs has ended well; at most so many at once. After a failure nothing new is
 * begun, `abort` is called so that those under way can stop, and the first failure is thrown when all have.
 */
export async function inOrder<T extends Ordered>(
  items: readonly T[],
  atMost: number,
  run: (item: T) => Promise<void>,
  abort: () => void,
): Promise<void> {
  const waiting = new Map(items.map((item) => [item.id, item]));
  const ended = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const isReady = (item: T) =>
    item.needs.every((need) => ended.has(need) || !(waiting.has(need) || running.has(need)));

  for (;;) {
    for (const item of waiting.values()) {
      if (failures.length > 0 || running.size >= atMost) break;
      if (!isReady(item)) continue;
      waiting.delete(item.id);
      running.set(item.id, begin(item));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures[0];

  async function begin(item: T): Promise<void> {
    try {
      await run(item);
      ended.add(item.id);
    } catch (error) {
      if (failures.push(error) === 1) abort();
    } finally {
      running.delete(item.id);
    }
  }
}
