import type { Diagnostic } from './diagnostic.ts';
import { badName, missingKey, outOfRange, repeatedItem, unknownKey, wrongType } from './errors/syntax.ts';
import { dereference, type Schema, valueSchema } from './json-schema.ts';
import { badNotationOf, fits, listed, patternOf, plain } from './notation.ts';
import type { SourceText } from './source-text.ts';
import { suggest } from './suggest.ts';
import type { Entry, ListTree, MapTree, ScalarTree, Tree } from './tree.ts';

export interface Shape {
  diagnostics: Diagnostic[];
  /** Values that are not what the schema wants: whoever reads on takes them as not written. */
  broken: ReadonlySet<Tree>;
}

/** Checks a document against the schema. Linear: what several aliases share is checked once. */
export function checkShape(root: Tree, schema: Schema, source: SourceText): Shape {
  const check = new ShapeCheck(source);
  check.value(root, schema, 'the file');
  return { diagnostics: check.diagnostics, broken: check.broken };
}

class ShapeCheck {
  readonly diagnostics: Diagnostic[] = [];
  readonly broken = new Set<Tree>();
  readonly #source: SourceText;
  readonly #seen = new Map<Tree, Set<Schema>>();

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** @param what how messages name the value: `"memory"`, `an item of "routes"` */
  value(tree: Tree, reference: Schema, what: string): void {
    const schema = dereference(reference);
    if (this.#checkedBefore(tree, schema)) {
      return;
    }
    const branch = branchFor(tree, schema);
    if (branch === null) {
      this.#break(tree, wrongTypeOf(tree, schema, what, this.#source));
    } else if (tree.kind === 'map') {
      this.#map(tree, branch, what);
    } else if (tree.kind === 'list') {
      this.#list(tree, branch, what);
    } else {
      this.#scalar(tree, schema, branch, what);
    }
  }

  #checkedBefore(tree: Tree, schema: Schema): boolean {
    const schemas = this.#seen.get(tree);
    if (schemas === undefined) {
      this.#seen.set(tree, new Set([schema]));
      return false;
    }
    const before = schemas.has(schema);
    schemas.add(schema);
    return before;
  }

  #break(tree: Tree, diagnostic: Diagnostic): void {
    this.broken.add(tree);
    this.diagnostics.push(diagnostic);
  }

  #map(tree: MapTree, schema: Schema, what: string): void {
    const ofEach = valueSchema(schema);
    if (ofEach !== null) {
      for (const entry of tree.entries.values()) {
        this.#name(entry, schema.propertyNames);
        this.value(entry.value, ofEach, `"${entry.key}"`);
      }
      return;
    }
    const properties = schema.properties ?? {};
    for (const entry of tree.entries.values()) {
      if (Object.hasOwn(properties, entry.key)) {
        this.value(entry.value, properties[entry.key] ?? {}, `"${entry.key}"`);
      } else {
        this.#unknown(entry, properties);
      }
    }
    for (const key of schema.required ?? []) {
      if (!tree.entries.has(key)) {
        this.#missing(tree, key, properties[key] ?? {}, what);
      }
    }
  }

  #name(entry: Entry, schema: Schema | undefined): void {
    if (schema === undefined) {
      return;
    }
    const tooLong = entry.key.length > (schema.maxLength ?? Number.POSITIVE_INFINITY);
    if (!tooLong && patternOf(schema).test(entry.key)) {
      return;
    }
    const near = tooLong ? null : fits(entry.key, schema);
    const caption = tooLong
      ? `${entry.key.length} characters; at most ${schema.maxLength}`
      : near === null
        ? 'not allowed here'
        : `did you mean "${near}"?`;
    const help = schema.description === undefined ? [] : [schema.description];
    const shown = entry.key.length > 60 ? `${entry.key.slice(0, 57)}...` : entry.key;
    this.#break(entry.value, badName(this.#keyPlace(entry), shown, schema.title ?? 'a name', caption, help));
  }

  #unknown(entry: Entry, properties: Record<string, Schema>): void {
    const keys = Object.keys(properties);
    const home = keys.find((key) => keysBelow(properties[key]).includes(entry.key));
    const near = suggest(entry.key, keys);
    const ours = elsewhere.get(entry.key.toLowerCase().replaceAll(/[^a-z]/g, ''));
    const caption =
      near !== null
        ? `no such key here; did you mean "${near}"?`
        : ours !== undefined && keys.includes(ours)
          ? `here it is called "${ours}"`
          : home !== undefined
            ? `it belongs below "${home}:"`
            : 'no such key here';
    const help = caption === 'no such key here' ? [`keys here: ${keys.join(', ')}`] : [];
    this.diagnostics.push(unknownKey(this.#keyPlace(entry), entry.key, caption, help));
  }

  #missing(tree: MapTree, key: string, schema: Schema, what: string): void {
    const example = dereference(schema).examples?.[0];
    const help = example === undefined ? [] : [`for example "${key}: ${inline(example)}"`];
    this.#break(tree, missingKey(this.#source.place(tree.start, tree.end), key, what, help));
  }

  #list(tree: ListTree, schema: Schema, what: string): void {
    const at = this.#source.place(tree.start, tree.end);
    if (tree.items.length < (schema.minItems ?? 0)) {
      this.#break(tree, outOfRange(at, what, 'empty; needs at least one item', exampleHelp(schema)));
    }
    if (tree.items.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
      this.#break(tree, outOfRange(at, what, `${tree.items.length} items; at most ${schema.maxItems}`, []));
    }
    for (const item of tree.items) {
      this.value(item, schema.items ?? {}, `an item of ${what}`);
    }
    if (schema.uniqueItems) {
      this.#unique(tree);
    }
  }

  #unique(tree: ListTree): void {
    const first = new Map<unknown, ScalarTree>();
    for (const item of tree.items) {
      if (item.kind !== 'scalar' || item.value === null) {
        continue;
      }
      const before = first.get(item.value);
      if (before === undefined) {
        first.set(item.value, item);
      } else {
        const labels = [{ range: this.#source.range(before.start, before.end), text: 'the first one' }];
        this.diagnostics.push(repeatedItem(this.#source.place(item.start, item.end), item.text, labels));
      }
    }
  }

  #scalar(tree: ScalarTree, schema: Schema, branch: Schema, what: string): void {
    const { value } = tree;
    const at = this.#source.place(tree.start, tree.end);
    if (typeof value === 'string') {
      if (value.length > (branch.maxLength ?? Number.POSITIVE_INFINITY)) {
        this.#break(
          tree,
          outOfRange(at, what, `${value.length} characters; at most ${branch.maxLength}`, []),
        );
      } else if (!matches(value, schema)) {
        this.#break(tree, badNotationOf(tree, schema, at));
      }
    } else if (typeof value === 'number') {
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = branch;
      if (
        branch.const !== undefined
          ? value !== branch.const
          : branch.type === 'integer' && !Number.isInteger(value)
      ) {
        this.#break(tree, badNotationOf(tree, schema, at));
      } else if (value < minimum || value > maximum) {
        const caption =
          value < minimum ? `must be at least ${minimum}` : `must be at most ${maximum.toLocaleString('en')}`;
        this.#break(tree, outOfRange(at, what, caption, exampleHelp(branch)));
      }
    } else if (branch.const !== undefined && value !== branch.const) {
      this.#break(tree, badNotationOf(tree, schema, at));
    }
  }

  #keyPlace(entry: Entry) {
    return this.#source.place(entry.keyStart, entry.keyEnd);
  }
}

/** What other tools call our keys, without case and hyphens. */
const elsewhere = new Map([
  ['replicas', 'instances'],
  ['count', 'instances'],
  ['scale', 'instances'],
  ['dependson', 'needs'],
  ['environment', 'env'],
  ['healthcheck', 'health'],
  ['cmd', 'command'],
  ['entrypoint', 'command'],
  ['build', 'directory'],
  ['dir', 'directory'],
  ['tag', 'version'],
  ['host', 'domain'],
  ['mem', 'memory'],
  ['cache', 'redis'],
  ['paths', 'routes'],
  ['subscribes', 'consumes'],
  ['emits', 'publishes'],
]);

/** The alternative of a schema that is for values of this kind; null when there is none. */
function branchFor(tree: Tree, schema: Schema): Schema | null {
  if (schema.anyOf === undefined) {
    return isFor(tree, schema) ? schema : null;
  }
  for (const alternative of schema.anyOf) {
    const branch = dereference(alternative);
    if (isFor(tree, branch)) {
      return branch;
    }
  }
  return null;
}

function isFor(tree: Tree, schema: Schema): boolean {
  switch (schema.type) {
    case 'object':
      return tree.kind === 'map';
    case 'array':
      return tree.kind === 'list';
    case 'null':
      return tree.kind === 'scalar' && tree.value === null;
    case 'integer':
    case 'number':
      return tree.kind === 'scalar' && typeof tree.value === 'number' && Number.isFinite(tree.value);
    default:
      return tree.kind === 'scalar' && typeof tree.value === schema.type;
  }
}

/** Whether one of the alternatives for texts takes this one. */
function matches(value: string, schema: Schema): boolean {
  return (schema.anyOf ?? [schema]).some((alternative) => {
    const branch = dereference(alternative);
    return (
      branch.type === 'string' &&
      (branch.const === undefined || branch.const === value) &&
      patternOf(branch).test(value)
    );
  });
}

function keysBelow(schema: Schema | undefined): string[] {
  if (schema === undefined) {
    return [];
  }
  const direct = dereference(schema);
  const branches = (direct.anyOf ?? [direct]).map(dereference);
  return branches.flatMap((branch) => [...Object.keys(branch.properties ?? {}), ...keysBelow(branch.items)]);
}

function wrongTypeOf(tree: Tree, schema: Schema, what: string, source: SourceText): Diagnostic {
  const expected = plain(schema.title ?? 'something else');
  const help: string[] = [];
  const branches = (schema.anyOf ?? [schema]).map(dereference);
  const takes = (type: string) => branches.find((branch) => branch.type === type);
  const list = takes('array');
  if (tree.kind === 'scalar') {
    const { value, text } = tree;
    if (takes('string') !== undefined && value !== null) {
      const near = fits(text, schema);
      help.push(near === null || near === text ? `in quotes it is a text: '${text}'` : `write ${near}`);
    } else if (list !== undefined && value !== null) {
      help.push(`a list is written [${fits(text, dereference(list.items ?? {})) ?? text}]`);
    } else if (typeof value === 'string' && /^\d+$/.test(text) && (takes('integer') ?? takes('number'))) {
      help.push(`write ${text} without quotes`);
    } else if (
      typeof value === 'string' &&
      takes('boolean') !== undefined &&
      /^(yes|no|on|off)$/i.test(value)
    ) {
      help.push(`write ${/^(yes|on)$/i.test(value) ? 'true' : 'false'}`);
    } else if (typeof value === 'string' && takes('object') !== undefined && /^[A-Za-z-]+:\S/.test(value)) {
      help.push('after a colon there must be a blank: "key: value"');
    }
  }
  if (help.length === 0) {
    help.push(...exampleHelp(schema));
  }
  return wrongType(source.place(tree.start, tree.end), what, expected, describe(tree), help);
}

function describe(tree: Tree): string {
  if (tree.kind !== 'scalar') {
    return `a ${tree.kind}`;
  }
  switch (typeof tree.value) {
    case 'string':
      return 'a text';
    case 'number':
      return `the number ${tree.value}`;
    case 'boolean':
      return `${tree.value}`;
    default:
      return 'nothing';
  }
}

function exampleHelp(schema: Schema): string[] {
  const examples =
    schema.examples ?? (schema.anyOf ?? []).flatMap((branch) => dereference(branch).examples ?? []);
  return examples.length === 0 ? [] : [`for example ${listed(examples.slice(0, 3).map(inline))}`];
}

/** A value as it would be written on one line of YAML. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(inline).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inline(inner)}`);
    return `{ ${entries.join(', ')} }`;
  }
  return /^[*&!]/.test(String(value)) ? `'${value}'` : String(value);
}
