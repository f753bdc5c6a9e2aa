/** Something that somebody says, as text. Never changed in place. */
export interface Caption {
  key: string;
  name: string;
  text: string;
  /** It will not change any more. */
  isFinal: boolean;
}

/** What came of somebody's words: a line grows until it is final. */
export interface Words {
  participant: string;
  name: string;
  line: number;
  text: string;
  final: boolean;
}

/** A line stays for so long after its last word, in ms. */
const SHOWN_MS = 8_000;

/** More than that cover the pictures. */
const MOST_LINES = 3;

/** The captions that are to be read now, the oldest first. */
export class Captions {
  #lines: readonly Caption[] = [];
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();

  get lines(): readonly Caption[] {
    return this.#lines;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  said({ participant, name, line, text, final: isFinal }: Words): void {
    const key = `${participant}/${line}`;
    const known = this.#lines.find((each) => each.key === key);
    if (known?.isFinal === true) return;
    const caption = { key, name, text, isFinal };
    const lines =
      known === undefined
        ? [...this.#lines, caption]
        : this.#lines.map((each) => (each === known ? caption : each));
    this.#dropLater(key);
    for (const { key: old } of lines.slice(0, -MOST_LINES)) this.#stopTimer(old);
    this.#set(lines.slice(-MOST_LINES));
  }

  close(): void {
    for (const key of this.#timers.keys()) this.#stopTimer(key);
  }

  #dropLater(key: string): void {
    this.#stopTimer(key);
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        this.#set(this.#lines.filter((each) => each.key !== key));
      }, SHOWN_MS),
    );
  }

  #stopTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  #set(lines: readonly Caption[]): void {
    this.#lines = lines;
    for (const listener of this.#listeners) listener();
  }
}
