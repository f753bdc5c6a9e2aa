/** Published events by their words, to find which of them a pattern takes without comparing all with all. */
export class EventTree {
  readonly #root: Word = { next: new Map(), event: null };

  add(event: string): void {
    let word = this.#root;
    for (const text of event.split('.')) {
      let next = word.next.get(text);
      if (next === undefined) {
        next = { next: new Map(), event: null };
        word.next.set(text, next);
      }
      word = next;
    }
    word.event = event;
  }

  /** The events that a pattern takes: `*` stands for one word, `#` for any number, also none. */
  matches(pattern: string): Set<string> {
    const words = pattern.split('.');
    const found = new Set<string>();
    // Each place of the tree is tried once with each rest of the pattern, so that `#.#.#` costs no more than that.
    const tried = new Map<Word, Set<number>>();
    const open: [Word, number][] = [[this.#root, 0]];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      const [word, at] = step;
      const before = tried.get(word) ?? new Set();
      tried.set(word, before);
      if (before.has(at)) {
        continue;
      }
      before.add(at);
      const text = words[at];
      if (text === undefined) {
        if (word.event !== null) {
          found.add(word.event);
        }
      } else if (text === '#') {
        open.push([word, at + 1]);
        for (const next of word.next.values()) {
          open.push([next, at]);
        }
      } else {
        const next = text === '*' ? word.next.values() : [word.next.get(text)];
        for (const following of next) {
          if (following !== undefined) {
            open.push([following, at + 1]);
          }
        }
      }
    }
    return found;
  }
}

interface Word {
  next: Map<string, Word>;
  event: string | null;
}
