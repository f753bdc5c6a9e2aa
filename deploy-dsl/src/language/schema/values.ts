import Type, { type TSchema } from 'typebox';

/** A map that takes no other keys than those it names. */
export const closed = { additionalProperties: false };

/**
 * The small notations of the language. `title` is the noun in an error ("expected a duration"), `examples` are
 * what its help offers and what an editor completes.
 */

export const duration = (description: string, standard?: string) =>
  Type.String({
    title: 'a duration',
    description,
    pattern: '^\\d{1,9}(\\.\\d{1,3})?(ms|s|m|h)$',
    examples: ['250ms', '5s', '2m'],
    ...(standard === undefined ? {} : { default: standard }),
  });

export const bodySize = (description: string, standard: string) =>
  Type.String({
    title: 'a size',
    description,
    pattern: '^\\d{1,9}(KB|MB|GB)$',
    default: standard,
    examples: ['64KB', '1MB', '20MB'],
  });

export const memoryAmount = (description: string, standard?: number) =>
  Type.Union(
    [
      Type.Integer({
        title: 'a whole number of MiB',
        minimum: 1,
        maximum: 16_777_216,
        examples: [64, 128, 1024],
      }),
      Type.String({
        title: 'an amount of memory',
        pattern: '^[1-9]\\d{0,6}(MB|GB)$',
        examples: ['512MB', '2GB'],
      }),
    ],
    { title: 'an amount of memory', description, ...(standard === undefined ? {} : { default: standard }) },
  );

/** How many instances: `2`, `2..8`, `2..`. */
export const count = Type.Union(
  [
    Type.Integer({ title: 'a number of instances', minimum: 0, maximum: 10_000, examples: [1, 2] }),
    Type.String({
      title: 'a range of instances',
      pattern: '^\\d{1,4}\\.\\.(\\d{1,4})?$',
      examples: ['2..8', '2..'],
    }),
  ],
  { title: 'a number of instances or a range' },
);

/** A name that is also a DNS label, because Consul and Nomad make host names of it. */
export const nameRule = {
  description: 'Lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen.',
  pattern: '^[a-z]([a-z0-9-]*[a-z0-9])?$',
  maxLength: 50,
};

export const name = (title: string, maxLength = nameRule.maxLength) =>
  Type.String({ title, ...nameRule, maxLength });

export const environmentVariable = Type.String({
  title: 'the name of an environment variable',
  description: 'Letters, digits and underscores, not starting with a digit.',
  pattern: '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$',
  maxLength: 200,
  examples: ['LOG_LEVEL'],
});

export const rateLimit = (description: string, standard?: string) =>
  Type.String({
    title: 'a rate limit',
    description,
    pattern: '^[1-9]\\d{0,8}/[sm]( per (address|user))?$',
    examples: ['50/s per user', '600/m per address', '20/s'],
    ...(standard === undefined ? {} : { default: standard }),
  });

/** Where a key may be left empty (`staging:`), that means the same as an empty map. */
export const orEmpty = <T extends TSchema>(
  schema: T,
  options: { title: string; description: string; examples?: unknown[] },
) => Type.Union([schema, Type.Null()], options);

/** A map whose keys are names chosen by the author. */
export const mapOf = <T extends TSchema>(
  key: TSchema,
  value: T,
  options: { title: string; description: string; examples?: unknown[] },
) => Type.Record(Type.String(), value, { ...options, propertyNames: key });
