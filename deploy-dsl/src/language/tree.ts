/**
 * A YAML document as plain data with positions: aliases and merge keys are resolved, and each node keeps the place
 * where it was written. Offsets count UTF-16 units; `end` is exclusive. A node behind an anchor is shared by all its
 * aliases, so this is a graph without cycles, not always a tree.
 */
export type Tree = MapTree | ListTree | ScalarTree;

export interface MapTree {
  kind: 'map';
  entries: Map<string, Entry>;
  start: number;
  end: number;
}

export interface Entry {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: Tree;
}

export interface ListTree {
  kind: 'list';
  items: Tree[];
  start: number;
  end: number;
}

export interface ScalarTree {
  kind: 'scalar';
  value: string | number | boolean | null;
  /** As written, without quotes: `1.10` where the value is the number 1.1. */
  text: string;
  start: number;
  end: number;
}
