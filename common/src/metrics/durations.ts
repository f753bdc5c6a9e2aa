import { ByLabels } from './by-labels.ts';
import type { Family, FamilyOptions } from './metrics.ts';

interface Spread {
  /** How many fell between a bound and the one before it; the last ones are above all bounds. */
  between: number[];
  sumS: number;
}

/** A histogram of durations in seconds, for what happens with every request or event. */
export class Durations implements Family {
  readonly #options: FamilyOptions & { boundsS: readonly number[] };
  readonly #spreads: ByLabels<Spread>;

  /** @param options its bounds in seconds, the lowest first */
  constructor(options: FamilyOptions & { boundsS: readonly number[] }) {
    this.#options = options;
    const buckets = options.boundsS.length + 1;
    this.#spreads = new ByLabels(options.labels, () => ({
      between: Array.from({ length: buckets }, () => 0),
      sumS: 0,
    }));
  }

  /** @param labels their values, in the order of their names */
  add(ms: number, ...labels: readonly string[]): void {
    const spread = this.#spreads.of(labels);
    const seconds = ms / 1000;
    const { boundsS } = this.#options;
    let bucket = 0;
    while (bucket < boundsS.length && seconds > (boundsS[bucket] ?? 0)) bucket++;
    spread.between[bucket] = (spread.between[bucket] ?? 0) + 1;
    spread.sumS += seconds;
  }

  text(common: string): string {
    const { name, help, boundsS } = this.#options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const [labels, { between, sumS }] of this.#spreads.entries(common)) {
      let count = 0;
      for (const [index, more] of between.entries()) {
        count += more;
        lines.push(`${name}_bucket{le="${boundsS[index] ?? '+Inf'}",${labels}} ${count}`);
      }
      lines.push(`${name}_sum{${labels}} ${sumS}`, `${name}_count{${labels}} ${count}`);
    }
    return lines.join('\n');
  }
}
