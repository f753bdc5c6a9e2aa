import fc from 'fast-check';
import { expect, test } from 'vitest';
import { schemaBreaks } from '../../src/contract/schema-breaks.ts';
import { StrictObject, Type } from '../../src/index.ts';
import { fitting, type JsonSchema } from '../../src/testing/arbitrary.ts';
import { validatorOf } from '../../src/validator.ts';

const breaks = (before: object, after: object, use: 'read' | 'sent' = 'read') =>
  schemaBreaks({ ...before }, { ...after }, use);

const open = Type.Object({ id: Type.String(), size: Type.Optional(Type.Integer({ minimum: 1 })) });

test.each<[what: string, before: object, after: object]>([
  ['nothing', open, open],
  ['a new optional property', open, Type.Object({ ...open.properties, name: Type.Optional(Type.String()) })],
  ['a new required property', open, Type.Object({ ...open.properties, name: Type.String() })],
  [
    'an optional property that is always there now',
    open,
    Type.Object({ id: Type.String(), size: Type.Integer({ minimum: 1 }) }),
  ],
  [
    'a narrower limit',
    open,
    Type.Object({ id: Type.String({ maxLength: 9 }), size: Type.Optional(Type.Integer({ minimum: 5 })) }),
  ],
  ['a value less', Type.Enum(['a', 'b']), Type.Enum(['a'])],
  ['another comment', Type.String({ description: 'old' }), Type.String({ description: 'new' })],
])('%s breaks no reader', (_, before, after) => {
  expect(breaks(before, after)).toEqual([]);
});

test.each<[what: string, before: object, after: object, found: string]>([
  [
    'a property that is gone',
    open,
    Type.Object({ size: Type.Integer({ minimum: 1 }) }),
    '/id may be missing',
  ],
  [
    'one that became optional',
    open,
    Type.Object({ ...open.properties, id: Type.Optional(Type.String()) }),
    '/id may be missing',
  ],
  [
    'another type',
    open,
    Type.Object({ ...open.properties, id: Type.Integer() }),
    '/id was "string" and is "integer"',
  ],
  [
    'a wider limit',
    open,
    Type.Object({ id: Type.String(), size: Type.Optional(Type.Integer()) }),
    '/size has a wider minimum',
  ],
  ['a value more', Type.Enum(['a']), Type.Enum(['a', 'b']), '/ may be "b"'],
  [
    'null where there was none',
    Type.String(),
    Type.Union([Type.String(), Type.Null()]),
    '/ may have another form than before',
  ],
  [
    'another pattern',
    Type.String({ pattern: '^a' }),
    Type.String({ pattern: '^b' }),
    '/ has another pattern',
  ],
  ['other items', Type.Array(Type.String()), Type.Array(Type.Integer()), '/* was "string" and is "integer"'],
  [
    'anything new, for readers that refuse what they do not know',
    Type.Object({}, { additionalProperties: false }),
    Type.Object({ a: Type.Optional(Type.String()) }, { additionalProperties: false }),
    '/a is new, and readers refuse what they do not know',
  ],
])('%s does', (_, before, after, found) => {
  expect(breaks(before, after)).toEqual([found]);
});

const closed = Type.Object({ id: Type.String() }, { additionalProperties: false });

test.each<[what: string, before: object, after: object]>([
  [
    'a new optional property',
    closed,
    StrictObject({ id: Type.String(), size: Type.Optional(Type.Integer()) }),
  ],
  [
    'one that is not required any more',
    open,
    Type.Object({ ...open.properties, id: Type.Optional(Type.String()) }),
  ],
  ['a wider limit', Type.String({ maxLength: 5 }), Type.String({ maxLength: 9 })],
  ['a value more', Type.Enum(['a']), Type.Enum(['a', 'b'])],
  ['null, too', Type.String(), Type.Union([Type.String(), Type.Null()])],
  ['no pattern any more', Type.String({ pattern: '^a' }), Type.String()],
])('%s breaks no sender', (_, before, after) => {
  expect(breaks(before, after, 'sent')).toEqual([]);
});

test.each<[what: string, before: object, after: object, found: string]>([
  [
    'a new required property',
    closed,
    StrictObject({ id: Type.String(), size: Type.Integer() }),
    '/size is required now',
  ],
  [
    'one that must be there now',
    open,
    Type.Object({ ...open.properties, size: Type.Integer({ minimum: 1 }) }),
    '/size is required now',
  ],
  ['one that is not known any more', closed, StrictObject({}), '/id is refused now'],
  [
    'a schema that became strict',
    Type.Object({}),
    StrictObject({}),
    '/ may have no unknown properties any more',
  ],
  ['another type', Type.String(), Type.Integer(), '/ was "string" and is "integer"'],
  ['a narrower type', Type.Number(), Type.Integer(), '/ was "number" and is "integer"'],
  [
    'a narrower limit',
    Type.String({ maxLength: 9 }),
    Type.String({ maxLength: 5 }),
    '/ has a narrower maxLength',
  ],
  ['a value less', Type.Enum(['a', 'b']), Type.Enum(['a']), '/ may not be "b" any more'],
  [
    'no null any more',
    Type.Union([Type.String(), Type.Null()]),
    Type.String(),
    '/ may not have every form that it had',
  ],
  ['a new pattern', Type.String(), Type.String({ pattern: '^a' }), '/ has another pattern'],
])('%s does', (_, before, after, found) => {
  expect(breaks(before, after, 'sent')).toEqual([found]);
});

const schemas: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constant({ type: 'boolean' }),
    fc.record(
      { type: fc.constantFrom('integer', 'number'), minimum: fc.integer({ min: -3, max: 3 }) },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      { type: fc.constant('string'), maxLength: fc.integer({ min: 2, max: 4 }), minLength: fc.nat(2) },
      { requiredKeys: ['type'] },
    ),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }) }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
    fc.record(
      { type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(3) },
      { requiredKeys: ['type', 'items'] },
    ),
    fc
      .tuple(
        fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { noNullPrototype: true }),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([properties, required, closed]) => ({
        type: 'object',
        properties,
        required: required ? Object.keys(properties) : [],
        ...(closed ? { additionalProperties: false } : {}),
      })),
  ),
})).schema;

test.each(['read', 'sent'] as const)(
  'where no break is found for what is %s, every value of the one side fits the other one',
  (use) => {
    const pair = schemas.chain((before) =>
      fc.tuple(fc.constant(before), fc.oneof(fc.constant(before), schemas)),
    );
    const valued = pair.chain(([before, after]) =>
      fc.tuple(fc.constant(before), fc.constant(after), fitting(use === 'read' ? after : before)),
    );
    const fits = (schema: JsonSchema, value: unknown) => validatorOf(Type.Unsafe<unknown>(schema))(value);
    let compared = 0;
    fc.assert(
      fc.property(valued, ([before, after, value]) => {
        const [given, wanted] = use === 'read' ? [after, before] : [before, after];
        fc.pre(breaks(before, after, use).length === 0 && fits(given, value));
        compared++;
        expect(fits(wanted, value)).toBe(true);
      }),
      { numRuns: 300, maxSkipsPerRun: 50 },
    );
    expect(compared).toBeGreaterThan(100);
  },
);
