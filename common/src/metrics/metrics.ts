import { Registry } from 'prom-client';
import type { LogIdentity } from '../log.ts';

export interface FamilyOptions {
  name: string;
  help: string;
  labels: readonly string[];
}

/** Metrics of one name that write themselves down in Prometheus' text format. */
export interface Family {
  /** @param common labels of everything that the service measures, as Prometheus writes them */
  text(common: string): string;
}

/**
 * All that a service measures. What happens with every request or event is counted by `Counts` and `Durations`:
 * prom-client puts a text together from the labels at each observation, which takes ten times as long as counting.
 */
export class Metrics extends Registry {
  readonly #families: Family[] = [];
  readonly #common: string;

  constructor({ service, cloud }: Pick<LogIdentity, 'service' | 'cloud'>) {
    super();
    this.setDefaultLabels({ service, cloud });
    this.#common = `service="${service}",cloud="${cloud}"`;
  }

  add<Added extends Family>(family: Added): Added {
    this.#families.push(family);
    return family;
  }

  override async metrics(): Promise<string> {
    const ours = this.#families.map((family) => `${family.text(this.#common)}\n`);
    return [await super.metrics(), ...ours].join('\n');
  }
}
