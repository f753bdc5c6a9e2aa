import type { Range } from './diagnostic.ts';
import type { ModelPath, Origins } from './origins.ts';
import type { SourceText } from './source-text.ts';
import type { Value } from './written.ts';

interface Origin {
  start: number;
  end: number;
  layer: string;
}

/** Origins that the resolver fills while it builds the model. */
export class RecordedOrigins implements Origins {
  readonly file: string;
  readonly source: string;
  readonly #text: SourceText;
  readonly #origins = new Map<string, Origin>();

  constructor(text: SourceText) {
    this.#text = text;
    this.file = text.file;
    this.source = text.text;
  }

  /** Remembers where a value of the model was written; a value that was not written is left out. */
  record(path: ModelPath, written: Value | null): void {
    if (written !== null) {
      this.recordOffsets(path, written.tree.start, written.tree.end, written.layer);
    }
  }

  recordOffsets(path: ModelPath, start: number, end: number, layer: string): void {
    this.#origins.set(keyOf(path), { start, end, layer });
  }

  locate(path: ModelPath): Range | null {
    for (let length = path.length; length > 0; length--) {
      const origin = this.#origins.get(keyOf(path.slice(0, length)));
      if (origin !== undefined) {
        return this.#text.range(origin.start, origin.end);
      }
    }
    return null;
  }

  /** The layer and place of exactly this value; null when it was not written but is built in. */
  exact(path: ModelPath): { layer: string; range: Range } | null {
    const origin = this.#origins.get(keyOf(path));
    return origin === undefined
      ? null
      : { layer: origin.layer, range: this.#text.range(origin.start, origin.end) };
  }
}

const keyOf = (path: ModelPath) => path.join('\n');
