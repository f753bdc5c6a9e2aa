import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../http/openapi-document.ts';

/** Who depends on a schema: those who read the values, or those who send them. */
export type Use = 'read' | 'sent';

/**
 * What those who know the former schema would stumble over, in words; empty when nothing breaks. A reader is safe when
 * every value that fits the new schema fits the former one, a sender when it is the other way round. Where it cannot be
 * told, it counts as a break.
 */
export function schemaBreaks(before: JsonSchema, after: JsonSchema, use: Use): string[] {
  const found = use === 'read' ? misfits(before, after, '') : misfits(after, before, '');
  return found.map((misfit) => (use === 'read' ? forReaders(misfit) : forSenders(misfit)));
}

/** Why a value of the one schema need not fit the other one, at a JSON Pointer with `*` for the items of arrays. */
type Misfit = { at: string } & (
  | { kind: 'missing' | 'unknown' | 'open' | 'form' | 'items' | 'values' }
  | { kind: 'type'; wanted: unknown; given: unknown }
  | { kind: 'value'; value: unknown }
  | { kind: 'limit' | 'keyword'; name: string }
);

function forReaders(misfit: Misfit): string {
  const at = misfit.at || '/';
  switch (misfit.kind) {
    case 'missing':
      return `${at} may be missing`;
    case 'unknown':
      return `${at} is new, and readers refuse what they do not know`;
    case 'open':
      return `${at} may have unknown properties`;
    case 'form':
      return `${at} may have another form than before`;
    case 'items':
      return `${at} may be anything`;
    case 'values':
      return `${at} may have any value`;
    case 'type':
      return `${at} was ${words(misfit.wanted)} and is ${words(misfit.given)}`;
    case 'value':
      return `${at} may be ${words(misfit.value)}`;
    case 'limit':
      return `${at} has a wider ${misfit.name}`;
    case 'keyword':
      return `${at} has another ${misfit.name}`;
  }
}

function forSenders(misfit: Misfit): string {
  const at = misfit.at || '/';
  switch (misfit.kind) {
    case 'missing':
      return `${at} is required now`;
    case 'unknown':
      return `${at} is refused now`;
    case 'open':
      return `${at} may have no unknown properties any more`;
    case 'form':
      return `${at} may not have every form that it had`;
    case 'items':
    case 'values':
      return `${at} may not be anything any more`;
    case 'type':
      return `${at} was ${words(misfit.given)} and is ${words(misfit.wanted)}`;
    case 'value':
      return `${at} may not be ${words(misfit.value)} any more`;
    case 'limit':
      return `${at} has a narrower ${misfit.name}`;
    case 'keyword':
      return `${at} has another ${misfit.name}`;
  }
}

/** Say nothing about which values are valid. */
const COMMENTS = new Set([
  ...['title', 'description', 'examples', 'example', 'default', 'deprecated', '$comment', '$id', '$schema'],
]);

/** Limits, and which way they may move: a reader is safe when the values become fewer. */
const UPWARDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const DOWNWARDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

const COMPARED = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'anyOf'],
  ...UPWARDS,
  ...DOWNWARDS,
]);

/** Why what fits `given` need not fit `wanted`. */
function misfits(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  const alternatives = schemas(wanted.anyOf);
  if (alternatives !== null || schemas(given.anyOf) !== null) {
    const offered = schemas(given.anyOf) ?? [given];
    const known = alternatives ?? [wanted];
    const fits = offered.every((each) => known.some((one) => misfits(one, each, at).length === 0));
    return fits ? [] : [{ kind: 'form', at }];
  }
  const integer = wanted.type === 'number' && given.type === 'integer';
  if (wanted.type !== undefined && !integer && !isDeepStrictEqual(wanted.type, given.type)) {
    return [{ kind: 'type', at, wanted: wanted.type, given: given.type }];
  }
  return [
    ...misfitsOfProperties(wanted, given, at),
    ...misfitsOfItems(wanted, given, at),
    ...misfitsOfValues(wanted, given, at),
    ...misfitsOfLimits(wanted, given, at),
    ...misfitsOfRest(wanted, given, at),
  ];
}

function misfitsOfProperties(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  const known = record(wanted.properties);
  const offered = record(given.properties);
  const always = new Set(list(given.required));
  const closed = wanted.additionalProperties === false;
  return [
    ...list(wanted.required)
      .filter((name) => !always.has(name))
      .map((name): Misfit => ({ kind: 'missing', at: `${at}/${name}` })),
    ...Object.keys(offered)
      .filter((name) => closed && !Object.hasOwn(known, name))
      .map((name): Misfit => ({ kind: 'unknown', at: `${at}/${name}` })),
    ...(closed && given.additionalProperties !== false ? [{ kind: 'open', at } as const] : []),
    ...Object.entries(known).flatMap(([name, schema]) =>
      Object.hasOwn(offered, name) ? misfits(record(schema), record(offered[name]), `${at}/${name}`) : [],
    ),
  ];
}

function misfitsOfItems(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  if (wanted.items === undefined) return [];
  if (given.items === undefined) return [{ kind: 'items', at: `${at}/*` }];
  return misfits(record(wanted.items), record(given.items), `${at}/*`);
}

function misfitsOfValues(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  const known = valuesOf(wanted);
  if (known === null) return [];
  const offered = valuesOf(given);
  if (offered === null) return [{ kind: 'values', at }];
  const added = offered.filter((value) => !known.some((one) => isDeepStrictEqual(one, value)));
  return added.map((value) => ({ kind: 'value', at, value }));
}

function misfitsOfLimits(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  const exceeded = (names: string[], exceeds: (limit: number, value: number) => boolean) =>
    names.filter((name) => {
      const [limit, value] = [wanted[name], given[name]];
      return typeof limit === 'number' && (typeof value !== 'number' || exceeds(limit, value));
    });
  return [
    ...exceeded(UPWARDS, (limit, value) => value < limit),
    ...exceeded(DOWNWARDS, (limit, value) => value > limit),
  ].map((name) => ({ kind: 'limit', at, name }));
}

/** Keywords that we do not understand must be the same. */
function misfitsOfRest(wanted: JsonSchema, given: JsonSchema, at: string): Misfit[] {
  return Object.keys(wanted)
    .filter((name) => !COMPARED.has(name) && !COMMENTS.has(name))
    .filter((name) => !isDeepStrictEqual(wanted[name], given[name]))
    .map((name) => ({ kind: 'keyword', at, name }));
}

function valuesOf(schema: JsonSchema): unknown[] | null {
  if (schema.const !== undefined) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : null;
}

function record(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function schemas(value: unknown): JsonSchema[] | null {
  return Array.isArray(value) ? value.map(record) : null;
}

const words = (value: unknown): string => (value === undefined ? 'anything' : JSON.stringify(value));
