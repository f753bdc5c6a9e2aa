import { inspect } from 'node:util';

/**
 * A value that must not be seen by accident: however it is printed, logged or serialized, it shows as
 * "[secret]". Whoever needs the text asks for it by `reveal()`, which is easy to find in a review.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
