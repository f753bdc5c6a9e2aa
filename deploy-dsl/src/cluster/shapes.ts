import type { Static, TSchema } from 'typebox';
import { Type } from 'typebox';

/**
 * Helpers to describe answers of Go programs: an empty map or list may come as null, and every field may be missing
 * in an older version, so a shape asks only for what is used.
 */
export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** A map by name. */
export function record<T extends TSchema>(schema: T) {
  return Type.Record(Type.String(), schema);
}

export type { Static };
