import type { Range } from './diagnostic.ts';

/** A path into the model, for instance `['services', 'rooms', 'routes', 0, 'limit']`. */
export type ModelPath = readonly (string | number)[];

/** Where in the file a value of the model was written, be it in the service, the defaults or an override. */
export interface Origins {
  file: string;
  /** The whole text, for excerpts. */
  source: string;
  /** The place of the value, or of the nearest value around it that was written; null when none was. */
  locate(path: ModelPath): Range | null;
}
