interface Branch<Value> {
  next: Map<string, Branch<Value>>;
  value: Value | undefined;
}

/** One value for each combination of labels, made when it is asked for first; found without putting a text together. */
export class ByLabels<Value> {
  readonly #names: readonly string[];
  readonly #make: () => Value;
  readonly #root: Branch<Value> = { next: new Map(), value: undefined };

  constructor(names: readonly string[], make: () => Value) {
    this.#names = names;
    this.#make = make;
  }

  /** @param labels their values, in the order of their names */
  of(labels: readonly string[]): Value {
    let branch = this.#root;
    for (const label of labels) {
      let next = branch.next.get(label);
      if (next === undefined) {
        next = { next: new Map(), value: undefined };
        branch.next.set(label, next);
      }
      branch = next;
    }
    branch.value ??= this.#make();
    return branch.value;
  }

  /**
   * All there are, each with its labels as Prometheus writes them, without the braces.
   *
   * @param common labels that all of them have besides, written likewise
   */
  *entries(common: string): Generator<[labels: string, value: Value]> {
    yield* this.#entriesOf(this.#root, [], common);
  }

  *#entriesOf(
    { next, value }: Branch<Value>,
    before: readonly string[],
    common: string,
  ): Generator<[string, Value]> {
    if (value !== undefined) yield [[...before, common].join(','), value];
    const name = this.#names[before.length];
    for (const [label, branch] of next) {
      yield* this.#entriesOf(branch, [...before, `${name}="${escaped(label)}"`], common);
    }
  }
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`));
}
