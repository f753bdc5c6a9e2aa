import fc, { type Arbitrary } from 'fast-check';

/** The keywords that occur in our OpenAPI documents. */
export interface JsonSchema {
  type?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** Within them a date has the four digits of a year that JSON Schema asks for. */
const YEARS = { min: new Date('0001-01-01'), max: new Date('9999-12-31') };

/** Values that fit a schema. */
export function fitting(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(fitting));
  switch (schema.type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const model = Object.fromEntries(properties.map(([key, property]) => [key, fitting(property)]));
      return fc.record(model, { requiredKeys: [...(schema.required ?? [])] });
    }
    case 'array':
      return fc.array(fitting(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 5, 5) });
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

/** Values that fit, nearly fit or are meant to break something: what a route must survive. */
export function hostile(schema: JsonSchema): Arbitrary<unknown> {
  return fc.oneof(
    { weight: 3, arbitrary: fitting(schema) },
    { weight: 2, arbitrary: mutated(schema) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

/** Text that has broken programs before. */
export const nastyText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '__proto__',
    '../../etc/passwd',
    '%00',
    "' OR 1=1 --",
    '{{7*7}}',
  ),
  fc.constantFrom(
    'NaN',
    '-1',
    '1e999',
    '0x10',
    'null',
    'true',
    '\u202e',
    '\u{1f469}‍\u{1f680}',
    'ﬀ',
    'İ',
    '*',
    '\r\nx: y',
  ),
  fc.integer({ min: 100, max: 5_000 }).map((length) => 'a'.repeat(length)),
);

function mutated(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.type !== 'object') return fc.oneof(nastyText, fc.jsonValue());
  return fc
    .tuple(
      fitting(schema),
      fc.oneof(fc.constantFrom(...Object.keys(schema.properties ?? {}), 'extra'), nastyText),
      fc.oneof(nastyText, fc.jsonValue()),
    )
    .map(([value, key, other]) => Object.assign({}, value, { [key]: other }));
}

function text({ pattern, format, minLength = 0, maxLength = 100 }: JsonSchema): Arbitrary<string> {
  const fits = (value: string) => value.length >= minLength && value.length <= maxLength;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u')).filter(fits);
  if (format === 'email') return fc.emailAddress().filter(fits);
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, ...YEARS }).map((date) => date.toISOString());
  return fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 50) });
}
