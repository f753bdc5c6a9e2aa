import type { ContractIn } from '../contract.ts';
import type { Diagnostic, Label } from '../diagnostic.ts';
import type { Place } from '../errors/define.ts';
import type { Model, Service } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { RecordedOrigins } from '../recorded-origins.ts';
import { Suggestions } from '../suggest.ts';

/** What the file says beyond the model of one environment. */
export interface FileFacts {
  /** All services of the file, also those that this environment leaves out. */
  services: ReadonlySet<string>;
  /** Where the environment says `false` for a service. */
  leftOut: ReadonlyMap<string, Place>;
}

/** A check over the whole model of one environment. Reports, and changes nothing. */
export type Check = (context: CheckContext) => void;

/** What a check sees and how it reports. */
export class CheckContext {
  readonly model: Model;
  readonly facts: FileFacts;
  readonly services: Service[];
  readonly diagnostics: Diagnostic[] = [];
  readonly suggestions = new Suggestions();
  readonly contractIn: ContractIn;
  readonly #origins: RecordedOrigins;

  constructor(model: Model, facts: FileFacts, origins: RecordedOrigins, contractIn: ContractIn) {
    this.contractIn = contractIn;
    this.model = model;
    this.facts = facts;
    this.services = Object.values(model.services);
    this.#origins = origins;
  }

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  /** Where a value of the model was written, or the nearest value around it that was. */
  place(path: ModelPath): Place {
    return { file: this.#origins.file, range: this.#origins.locate(path) };
  }

  /** A second place; none when exactly this value is not written in the file. */
  label(path: ModelPath, text: string): Label[] {
    const written = this.#origins.exact(path);
    return written === null ? [] : [{ range: written.range, text }];
  }
}
