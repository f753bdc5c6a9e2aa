import { isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { type Diagnostic, exitCodes, TandemError } from './diagnostic.ts';
import {
  aliasBomb,
  badKey,
  badMerge,
  duplicateKey,
  tagUsed,
  tooDeep,
  unknownAnchor,
} from './errors/syntax.ts';
import { byPlace } from './order.ts';
import type { SourceText } from './source-text.ts';
import { Suggestions } from './suggest.ts';
import type { Entry, MapTree, Tree } from './tree.ts';

const maxDepth = 50;

/** Values that a document may have after its aliases are expanded: ten times what 1,000 services need. */
export const maxExpanded = 500_000;

/**
 * The parser's nodes to our tree: aliases resolved in document order, merge keys spelled out, duplicate keys
 * reported with both places. Runs in the size of the document: what is behind an alias is shared, not copied.
 * @throws TandemError with all errors found
 */
export function toTree(root: unknown, source: SourceText): Tree {
  const builder = new Builder(source);
  const tree = builder.build(root, 0, [0, 0]);
  if (builder.diagnostics.length === 0 && expandedSize(tree) > maxExpanded) {
    builder.diagnostics.push(aliasBomb({ file: source.file, range: null }, maxExpanded));
  }
  if (builder.diagnostics.length > 0) {
    throw new TandemError(builder.diagnostics.toSorted(byPlace), exitCodes.badInput);
  }
  return tree;
}

type Offsets = readonly [start: number, end: number];

class Builder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;
  readonly #anchors = new Map<string, Tree>();
  readonly #open = new Set<string>();
  readonly #suggestions = new Suggestions();
  #merged = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** @param standIn the place of a value that is not written at all (`key:` with nothing after it) */
  build(node: unknown, depth: number, standIn: Offsets): Tree {
    if (isAlias(node)) {
      return this.#alias(node.source, this.#offsets(node, standIn));
    }
    const offsets = this.#offsets(node, standIn);
    if (depth > maxDepth) {
      this.diagnostics.push(tooDeep(this.#source.place(...offsets)));
      return nothing(offsets);
    }
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) {
      return nothing(offsets);
    }
    if (node.tag !== undefined && !defaultTags.has(node.tag)) {
      this.diagnostics.push(tagUsed(this.#source.place(...offsets), node.tag));
    }
    const anchor = node.anchor;
    if (anchor !== undefined) {
      this.#open.add(anchor);
      this.#anchors.delete(anchor);
    }
    const tree = isMap(node)
      ? this.#map(node, depth, offsets)
      : isSeq(node)
        ? {
            kind: 'list' as const,
            items: node.items.map((item) => this.build(item, depth + 1, offsets)),
            start: offsets[0],
            end: offsets[1],
          }
        : scalar(node, offsets);
    if (anchor !== undefined) {
      this.#open.delete(anchor);
      this.#anchors.set(anchor, tree);
    }
    return tree;
  }

  #offsets(node: unknown, standIn: Offsets): Offsets {
    const range = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range : null;
    return range && range[1] > range[0] ? [range[0], range[1]] : standIn;
  }

  #alias(name: string, offsets: Offsets): Tree {
    const target = this.#anchors.get(name);
    if (target !== undefined) {
      return target;
    }
    const near = this.#suggestions.suggest(name, this.#anchors.keys());
    const caption = this.#open.has(name)
      ? 'this is part of what the anchor is on'
      : near === null
        ? 'no such anchor above'
        : `no such anchor above; did you mean "*${near}"?`;
    this.diagnostics.push(unknownAnchor(this.#source.place(...offsets), name, caption));
    return nothing(offsets);
  }

  #map(node: YAMLMap, depth: number, [start, end]: Offsets): MapTree {
    const entries = new Map<string, Entry>();
    const merges: { tree: Tree; offsets: Offsets }[] = [];
    for (const pair of node.items) {
      const keyOffsets = this.#offsets(pair.key, this.#keyStandIn(pair, [start, start]));
      const key = this.#key(pair.key, keyOffsets, depth);
      const value = this.build(pair.value, depth + 1, keyOffsets);
      if (key === null) {
        continue;
      }
      const entry = { key, keyStart: keyOffsets[0], keyEnd: keyOffsets[1], value };
      if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
        merges.push({ tree: value, offsets: this.#offsets(pair.value, keyOffsets) });
      } else if (entries.has(key)) {
        this.#duplicate(entry, entries.get(key));
      } else {
        entries.set(key, entry);
      }
    }
    for (const { tree, offsets } of merges) {
      this.#merge(entries, tree, offsets);
    }
    return { kind: 'map', entries, start, end };
  }

  #keyStandIn(pair: Pair, fallback: Offsets): Offsets {
    const value = this.#offsets(pair.value, fallback);
    return [value[0], value[0] + 1];
  }

  #key(node: unknown, offsets: Offsets, depth: number): string | null {
    const key = this.build(node, depth + 1, offsets);
    if (key.kind === 'scalar' && key.value !== null) {
      return typeof key.value === 'string' ? key.value : key.text;
    }
    const found = key.kind === 'scalar' ? 'nothing' : `a ${key.kind}`;
    this.diagnostics.push(badKey(this.#source.place(...offsets), found));
    return null;
  }

  #duplicate(entry: Entry, first: Entry | undefined): void {
    const labels =
      first === undefined
        ? []
        : [{ range: this.#source.range(first.keyStart, first.keyEnd), text: 'the first one' }];
    this.diagnostics.push(duplicateKey(this.#source.place(entry.keyStart, entry.keyEnd), entry.key, labels));
  }

  /** What the map says itself wins, then the earlier of several merged maps. */
  #merge(entries: Map<string, Entry>, from: Tree, offsets: Offsets): void {
    for (const source of from.kind === 'list' ? from.items : [from]) {
      if (source.kind !== 'map') {
        const found = source.kind === 'list' ? 'a list in a list' : 'a single value';
        this.diagnostics.push(badMerge(this.#source.place(...offsets), found));
        continue;
      }
      this.#merged += source.entries.size;
      if (this.#merged > maxExpanded) {
        if (this.#merged - source.entries.size <= maxExpanded) {
          this.diagnostics.push(aliasBomb(this.#source.place(...offsets), maxExpanded));
        }
        return;
      }
      for (const entry of source.entries.values()) {
        if (!entries.has(entry.key)) {
          entries.set(entry.key, entry);
        }
      }
    }
  }
}

const defaultTags = new Set(
  ['map', 'seq', 'str', 'int', 'float', 'bool', 'null'].map((type) => `tag:yaml.org,2002:${type}`),
);

const nothing = ([start, end]: Offsets): Tree => ({ kind: 'scalar', value: null, text: '', start, end });

function scalar(node: Scalar, [start, end]: Offsets): Tree {
  const { value } = node;
  // `-0` is zero: a negative one would come out of JSON as another value than it went in.
  const plain = value === 0 ? 0 : value;
  const known =
    typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean' ? plain : null;
  return { kind: 'scalar', value: known, text: node.source ?? String(known ?? ''), start, end };
}

/** Number of values when every alias is expanded, without expanding any. */
function expandedSize(root: Tree): number {
  const sizes = new Map<Tree, number>();
  const measure = (tree: Tree): number => {
    const known = sizes.get(tree);
    if (known !== undefined) {
      return known;
    }
    let size = 1;
    if (tree.kind === 'map') {
      for (const entry of tree.entries.values()) {
        size += measure(entry.value);
      }
    } else if (tree.kind === 'list') {
      for (const item of tree.items) {
        size += measure(item);
      }
    }
    sizes.set(tree, size);
    return size;
  };
  return measure(root);
}
