import type { Tree } from './tree.ts';

/** The keys and values of the map among the alternatives that the schema allows. */
type MapIn<T> = Exclude<Extract<T, object>, readonly unknown[]>;
type ItemIn<T> = T extends readonly (infer Item)[] ? Item : never;

/** A written value, whatever its type. */
export interface Value {
  readonly tree: Tree;
  /** Name of the layer: `defaults`, `services.rooms`, `environments.staging.defaults`. */
  readonly layer: string;
  /** A single value, as the text that was written: `1.10` stays `1.10`. */
  readonly text: string;
  /** A single value; null for a list or a map. */
  readonly scalar: string | number | boolean | null;
}

/**
 * A value as it was written, typed by the schema's types: where it stands, in which layer, and what is in it.
 * Whatever the schema refused reads as not written.
 */
export class Written<T> implements Value {
  readonly tree: Tree;
  readonly layer: string;
  readonly #broken: ReadonlySet<Tree>;
  /** Exists for the type checker only. */
  declare readonly type: T;

  constructor(tree: Tree, layer: string, broken: ReadonlySet<Tree>) {
    this.tree = tree;
    this.layer = layer;
    this.#broken = broken;
  }

  /** The value of a key; null when it is not written or empty, and when this is no map. */
  get<K extends keyof MapIn<T> & string>(key: K): Written<Exclude<MapIn<T>[K], undefined | null>> | null {
    const value = this.tree.kind === 'map' ? this.tree.entries.get(key)?.value : undefined;
    return value === undefined || !this.#reads(value) ? null : new Written(value, this.layer, this.#broken);
  }

  /** The entries of a map whose keys are the author's, with the place of the key. Empty values are included. */
  entries(layer = this.layer): WrittenEntry<Exclude<MapIn<T>[keyof MapIn<T>], undefined | null>>[] {
    if (this.tree.kind !== 'map') {
      return [];
    }
    return [...this.tree.entries.values()]
      .filter((entry) => !this.#broken.has(entry.value))
      .map((entry) => ({
        key: entry.key,
        keyStart: entry.keyStart,
        keyEnd: entry.keyEnd,
        value: new Written(entry.value, layer, this.#broken),
      }));
  }

  /** The names in the map, including those whose value the schema refused. */
  names(): string[] {
    return this.tree.kind === 'map' ? [...this.tree.entries.keys()] : [];
  }

  /** The items of a list with their indices in the file; none when this is no list. */
  items(): Written<ItemIn<T>>[] {
    return this.tree.kind === 'list'
      ? this.tree.items
          .filter((item) => this.#reads(item))
          .map((item) => new Written(item, this.layer, this.#broken))
      : [];
  }

  /** The same value in a layer of another name, where the values of the type U may stand as well. */
  in<U extends T = T>(layer: string): Written<U> {
    return new Written(this.tree, layer, this.#broken);
  }

  get text(): string {
    return this.tree.kind === 'scalar' ? this.tree.text : '';
  }

  get scalar(): string | number | boolean | null {
    return this.tree.kind === 'scalar' ? this.tree.value : null;
  }

  #reads(tree: Tree): boolean {
    return !(tree.kind === 'scalar' && tree.value === null) && !this.#broken.has(tree);
  }
}

export interface WrittenEntry<T> {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: Written<T>;
}

/** The same setting in several layers, the strongest first. */
export type Layers<T> = readonly Written<T>[];

/** The value of a key in the strongest layer that has it. */
export function strongest<T, K extends keyof MapIn<T> & string>(
  layers: Layers<T>,
  key: K,
): Written<Exclude<MapIn<T>[K], undefined | null>> | null {
  for (const layer of layers) {
    const value = layer.get(key);
    if (value !== null) {
      return value;
    }
  }
  return null;
}

/**
 * The layers of a key whose maps are merged: each layer's map, down to the first layer that says a single value,
 * which hides all below it.
 */
export function merged<T, K extends keyof MapIn<T> & string>(
  layers: Layers<T>,
  key: K,
): Written<Exclude<MapIn<T>[K], undefined | null>>[] {
  const found = [];
  for (const layer of layers) {
    const value = layer.get(key);
    if (value !== null) {
      found.push(value);
      if (value.tree.kind !== 'map') {
        break;
      }
    }
  }
  return found;
}
