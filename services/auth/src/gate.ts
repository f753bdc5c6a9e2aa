import { problems } from '@tandem/common';

/** Runs work when there is a place for it. @throws Problem overloaded, when too many wait already */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets so many run at once and so many wait; everybody else is refused. */
export function createGate(concurrent: number, waiting: number): Gate {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= concurrent) {
      if (queue.length >= waiting) throw problems.overloaded(undefined, { headers: { 'retry-after': '2' } });
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in the queue, or becomes free.
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
