import { ByLabels } from './by-labels.ts';
import type { Family, FamilyOptions } from './metrics.ts';

/** A counter, for what happens with every request or event. */
export class Counts implements Family {
  readonly #options: FamilyOptions;
  readonly #counts: ByLabels<{ count: number }>;

  constructor(options: FamilyOptions) {
    this.#options = options;
    this.#counts = new ByLabels(options.labels, () => ({ count: 0 }));
  }

  /** @param labels their values, in the order of their names */
  add(...labels: readonly string[]): void {
    this.#counts.of(labels).count++;
  }

  text(common: string): string {
    const { name, help } = this.#options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} counter`];
    for (const [labels, { count }] of this.#counts.entries(common)) {
      lines.push(`${name}{${labels}} ${count}`);
    }
    return lines.join('\n');
  }
}
