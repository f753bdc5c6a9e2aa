import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';

export type { Static, TObject, TProperties, TSchema };
export { Type };

/** An object that refuses properties it does not name. Bodies of requests must be such objects. */
export function StrictObject<Properties extends TProperties>(
  properties: Properties,
  options: { description?: string; title?: string; minProperties?: number } = {},
): TObject<Properties> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}
