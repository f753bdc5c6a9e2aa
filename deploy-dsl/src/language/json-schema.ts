import generated from '../../schema.json' with { type: 'json' };

/** The part of JSON Schema that `schema.json` uses. */
export interface Schema {
  $ref?: string;
  definitions?: Record<string, Schema>;
  title?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  type?: string;
  const?: string | number | boolean;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
  propertyNames?: Schema;
  items?: Schema;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  uniqueItems?: boolean;
}

export const fileSchema: Schema = generated;

/** The schema itself where it refers to a part of the file's schema, with what stands beside the reference. */
export function dereference(schema: Schema): Schema {
  if (schema.$ref === undefined) {
    return schema;
  }
  const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  const part = fileSchema.definitions?.[name];
  if (part === undefined) {
    throw new Error(
      `schema.json refers to "${schema.$ref}", which it does not have; run ./tandem schema --write`,
    );
  }
  return part;
}

/** The value of every key when the schema is a map with names chosen by the author; null for a closed map. */
export function valueSchema(schema: Schema): Schema | null {
  return schema.patternProperties === undefined ? null : (Object.values(schema.patternProperties)[0] ?? null);
}
