import { setImmediate } from 'node:timers/promises';
import { finders } from './finders.ts';
import { makePeople, makeQueries } from './people.ts';

/** What one side of the comparison measured, in a process of its own. */
export interface SideResult {
  indexMs: number;
  /** Resident memory that the index added, in MB. */
  memoryMb: number;
  /** For each way of typing: ms of each query, and the share that found who was meant; null where that is open. */
  kinds: Record<string, { ms: number[]; found: number | null }>;
}

const QUERIES = 500;

/** `node side.ts FINDER PEOPLE`: prints its result as JSON. */
const [name = '', count = ''] = process.argv.slice(2);
const makeFinder = finders[name];
if (makeFinder === undefined) throw new RangeError(`no finder "${name}"`);
const people = makePeople(Number(count));
const queries = makeQueries(people, QUERIES);
const before = process.memoryUsage().rss;
const started = performance.now();
const find = await makeFinder(people);
const indexMs = performance.now() - started;
// The second time frees what the first one found to be unused.
for (let round = 0; round < 2; round++) {
  globalThis.gc?.();
  await setImmediate();
}
const memoryMb = (process.memoryUsage().rss - before) / 1e6;

// Warm, as a service is that runs for days.
for (const list of Object.values(queries)) for (const { text } of list.slice(0, 50)) find(text);
const kinds = Object.fromEntries(
  Object.entries(queries).map(([kind, list]) => {
    let found = 0;
    const ms = list.map(({ text, meant }) => {
      const startedAt = performance.now();
      const names = find(text);
      const took = performance.now() - startedAt;
      if (names.some((found) => meant.every((word) => found.includes(word)))) found += 1;
      return took;
    });
    const isOpen = list.every(({ meant }) => meant.length === 0);
    return [kind, { ms, found: isOpen ? null : found / list.length }];
  }),
);
const result: SideResult = { indexMs, memoryMb, kinds };
process.stdout.write(JSON.stringify(result));
