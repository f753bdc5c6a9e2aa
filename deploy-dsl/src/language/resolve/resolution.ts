import type { Diagnostic, Range } from '../diagnostic.ts';
import type { Place } from '../errors/define.ts';
import type { ModelPath } from '../origins.ts';
import type { RecordedOrigins } from '../recorded-origins.ts';
import type { SourceText } from '../source-text.ts';
import { Suggestions } from '../suggest.ts';
import type { Value } from '../written.ts';

/** What the steps of the resolver share while they build the model of one environment. */
export class Resolution {
  readonly source: SourceText;
  readonly origins: RecordedOrigins;
  /** False when the schema refused something: what is missing then may only be misspelt. */
  readonly sound: boolean;
  readonly diagnostics: Diagnostic[] = [];
  readonly suggestions = new Suggestions();

  constructor(source: SourceText, origins: RecordedOrigins, sound: boolean) {
    this.source = source;
    this.origins = origins;
    this.sound = sound;
  }

  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  place(written: Value): Place {
    return this.source.place(written.tree.start, written.tree.end);
  }

  range(written: Value): Range {
    return this.source.range(written.tree.start, written.tree.end);
  }

  /** One value of the model: what is written, read by `read`, else what is built in. Remembers its origin. */
  value<R>(path: ModelPath, written: Value | null, read: (written: Value) => R, standard: R): R {
    this.origins.record(path, written);
    return written === null ? standard : read(written);
  }
}

/** Readers of single values. The schema has checked the notation. */
export const asText = (written: Value) => written.text;
export const asNumber = (written: Value) => Number(written.scalar);
export const asBoolean = (written: Value) => written.scalar === true;
