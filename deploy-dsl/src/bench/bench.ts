/** One number of a bench, with what it should be. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** As it is written in the documents: `< 150 ms`; null for a number that is only told. */
  target: string | null;
  /** Null where there is no target. */
  met: boolean | null;
}

/** What a bench may use of the process it runs in. */
export interface BenchContext {
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Says what is being measured, and how far that is (0 to 1) where it is known. */
  say(detail: string, fraction?: number): void;
  /** Keeps a line to be shown below the figures: what a reader needs to explain one of them. */
  note(line: string): void;
}

/** Measures one thing anew. Cleans up after itself, also when it is interrupted. */
export interface Bench {
  run(context: BenchContext): Promise<Figure[]>;
}

/** A bench that was run. */
export interface BenchResult {
  name: string;
  /** Day, `2026-11-21`. */
  date: string;
  machine: string;
  figures: Figure[];
  /** What the bench noted while it ran. */
  notes: string[];
}

/** What a number should stay below, or reach. */
export type Target = { below: number } | { atMost: number } | { atLeast: number } | { exactly: number };

/**
 * A figure and whether it meets its target. The value is judged as measured and kept with three digits.
 *
 * @param unit `ms`, `MB`, `requests`, `x` …; empty for a plain number
 */
export function figure(name: string, value: number, unit: string, target: Target | null = null): Figure {
  const rounded = Number(value.toPrecision(3));
  const words = (sign: string, limit: number) => `${sign} ${limit}${unit === '' ? '' : ` ${unit}`}`;
  const judged = (() => {
    if (target === null) {
      return { target: null, met: null };
    }
    if ('below' in target) {
      return { target: words('<', target.below), met: value < target.below };
    }
    if ('atMost' in target) {
      return { target: words('≤', target.atMost), met: value <= target.atMost };
    }
    if ('atLeast' in target) {
      return { target: words('≥', target.atLeast), met: value >= target.atLeast };
    }
    return { target: words('=', target.exactly), met: value === target.exactly };
  })();
  return { name, value: rounded, unit, ...judged };
}
