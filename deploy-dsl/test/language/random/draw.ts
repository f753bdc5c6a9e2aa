import fc, { type GeneratorValue } from 'fast-check';

/** Draws one value after the other from fast-check, which can replay and shrink what was drawn. */
export type Draw = GeneratorValue;

export const maybe = (draw: Draw): boolean => draw(fc.boolean);

/** True about once in so many times. */
export const rarely = (draw: Draw, times: number): boolean => draw(fc.nat, times - 1) === times - 1;

export const between = (draw: Draw, min: number, max: number): number => draw(fc.integer, { min, max });

export function among<T>(draw: Draw, values: readonly T[]): T {
  const value = values[between(draw, 0, values.length - 1)];
  if (value === undefined) throw new Error('nothing to choose from');
  return value;
}

/** Some of the values, in their order. */
export const some = <T>(draw: Draw, values: readonly T[]): T[] => draw(fc.subarray, [...values]);

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const digits = [...'0123456789'];

/** A DNS label that nothing else of the file is called. */
export class Names {
  readonly #taken = new Set<string>();

  constructor(taken: Iterable<string> = []) {
    for (const name of taken) this.#taken.add(name);
  }

  next(draw: Draw): string {
    const length = between(draw, 0, 6);
    const middle = Array.from({ length }, () => among(draw, [...letters, ...digits, '-'])).join('');
    const drawn = `${among(draw, letters)}${middle}${among(draw, [...letters, ...digits])}`;
    // Words that other readers of YAML take for something else are names like any other here.
    const name = rarely(draw, 8) ? among(draw, ['no', 'on', 'yes', 'off', 'y', 'constructor']) : drawn;
    const free = this.#taken.has(name) ? `${name}${this.#taken.size}` : name;
    this.#taken.add(free);
    return free;
  }
}
