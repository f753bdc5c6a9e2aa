import { isDeepStrictEqual } from 'node:util';
import type { EventContract, EventsContract } from './event-contract.ts';

type JsonSchema = Record<string, unknown>;

/**
 * What a reader of the former contract would stumble over, in words: events that are gone, and data that the former
 * schema refuses. Empty when nothing breaks. Where it cannot be told, it counts as a break.
 */
export function breaksBetween(before: EventsContract, after: EventsContract): string[] {
  return before.events.flatMap((event) => breaksOf(event, after.events));
}

/** The same for one event. */
export function breaksOf(event: EventContract, after: readonly EventContract[]): string[] {
  const title = `${event.name} version ${event.version}`;
  const now = after.find(({ name, version }) => name === event.name && version === event.version);
  if (now === undefined) return [`${title}: is gone`];
  return compare(event.schema, now.schema, '').map((found) => `${title}: ${found}`);
}

/** Say nothing about which values are valid. */
const COMMENTS = new Set([
  'title',
  'description',
  'examples',
  'example',
  'default',
  '$comment',
  '$id',
  '$schema',
]);

/** Limits, and which way they may move: a reader is safe when the values become fewer. */
const UPWARDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const DOWNWARDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

const COMPARED = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'anyOf'],
  ...UPWARDS,
  ...DOWNWARDS,
]);

function compare(before: JsonSchema, after: JsonSchema, at: string): string[] {
  const where = at === '' ? '/' : at;
  const alternatives = schemas(before.anyOf);
  if (alternatives !== null || schemas(after.anyOf) !== null) {
    const now = schemas(after.anyOf) ?? [after];
    const known = alternatives ?? [before];
    const fits = now.every((each) => known.some((one) => compare(one, each, at).length === 0));
    return fits ? [] : [`${where} may have another form than before`];
  }
  if (
    before.type !== undefined &&
    before.type !== after.type &&
    !(before.type === 'number' && after.type === 'integer')
  ) {
    return [`${where} was ${words(before.type)} and is ${words(after.type)}`];
  }
  return [
    ...compareProperties(before, after, at),
    ...compareItems(before, after, at),
    ...compareValues(before, after, where),
    ...compareLimits(before, after, where),
    ...compareRest(before, after, where),
  ];
}

function compareProperties(before: JsonSchema, after: JsonSchema, at: string): string[] {
  const known = record(before.properties);
  const now = record(after.properties);
  const required = new Set(list(before.required));
  const stillRequired = new Set(list(after.required));
  const closed = before.additionalProperties === false;
  return [
    ...[...required].filter((name) => !stillRequired.has(name)).map((name) => `${at}/${name} may be missing`),
    ...Object.keys(now)
      .filter((name) => closed && !Object.hasOwn(known, name))
      .map((name) => `${at}/${name} is new, and readers refuse what they do not know`),
    ...(closed && after.additionalProperties !== false ? [`${at || '/'} may have unknown properties`] : []),
    ...Object.entries(known).flatMap(([name, schema]) => {
      const other = now[name];
      return other === undefined ? [] : compare(record(schema), record(other), `${at}/${name}`);
    }),
  ];
}

function compareItems(before: JsonSchema, after: JsonSchema, at: string): string[] {
  if (before.items === undefined) return [];
  if (after.items === undefined) return [`${at}/* may be anything`];
  return compare(record(before.items), record(after.items), `${at}/*`);
}

function compareValues(before: JsonSchema, after: JsonSchema, where: string): string[] {
  const known = valuesOf(before);
  if (known === null) return [];
  const now = valuesOf(after);
  if (now === null) return [`${where} may have any value`];
  const added = now.filter((value) => !known.some((one) => isDeepStrictEqual(one, value)));
  return added.map((value) => `${where} may be ${words(value)}`);
}

function compareLimits(before: JsonSchema, after: JsonSchema, where: string): string[] {
  const widened = (names: string[], isWider: (old: number, now: number) => boolean) =>
    names.filter((name) => {
      const [old, now] = [before[name], after[name]];
      return typeof old === 'number' && (typeof now !== 'number' || isWider(old, now));
    });
  return [...widened(UPWARDS, (old, now) => now < old), ...widened(DOWNWARDS, (old, now) => now > old)].map(
    (name) => `${where} has a wider ${name}`,
  );
}

/** Keywords that we do not understand may not change, and may only be added. */
function compareRest(before: JsonSchema, after: JsonSchema, where: string): string[] {
  return Object.keys(before)
    .filter((name) => !COMPARED.has(name) && !COMMENTS.has(name))
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => `${where} has another ${name}`);
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
