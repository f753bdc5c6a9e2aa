import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from './schema.ts';

const options: Options = {
  allErrors: true,
  // Ajv would otherwise drop unknown properties or turn "1" into 1 without a word.
  removeAdditional: false,
  coerceTypes: false,
  useDefaults: true,
  strict: true,
  strictTypes: false,
  strictTuples: false,
  discriminator: true,
  keywords: ['secret', 'example'],
};

/** Takes JSON values as they are: bodies of requests and of other services' answers. */
const exact = withFormats(new Ajv(options));

/** Takes text where the schema wants a number or a boolean: query strings, paths, headers, environment variables. */
const text = withFormats(new Ajv({ ...options, coerceTypes: true }));

/** Compiles a schema once; the same schema object gives the same validator. */
export function validatorOf<Schema extends TSchema>(
  schema: Schema,
  values: 'exact' | 'text' = 'exact',
): ValidateFunction<Static<Schema>> {
  if (values === 'exact') return exact.compile<Static<Schema>>(schema);
  return refusingInfinity(text.compile<Static<Schema>>(schema));
}

/** Ajv turns "1e999" into Infinity, which it then holds against no limit, as if it were no number. */
function refusingInfinity<Value>(validate: ValidateFunction<Value>): ValidateFunction<Value> {
  const finite: ValidateFunction<Value> = Object.assign(
    (data: unknown): data is Value => {
      const valid = validate(data);
      const infinite = Object.entries(data ?? {}).filter(([, value]) => isInfinite(value));
      finite.errors = [...(validate.errors ?? []), ...infinite.map(([name]) => notFinite(name))];
      return valid && infinite.length === 0;
    },
    { schema: validate.schema, schemaEnv: validate.schemaEnv },
  );
  return finite;
}

function isInfinite(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isInfinite);
  return typeof value === 'number' && !Number.isFinite(value);
}

function notFinite(name: string): ErrorObject {
  const instancePath = `/${escapePointer(name)}`;
  return { instancePath, schemaPath: '', keyword: 'finite', params: {}, message: 'must be a finite number' };
}

export interface Violation {
  /** JSON Pointer (RFC 6901) to the offending value; of the missing or unknown property itself where one is. */
  pointer: string;
  detail: string;
}

/** Ajv's findings in words a caller can act on, without the rejected value. At most `limit` of them. */
export function violationsOf(errors: readonly ErrorObject[], limit = 20): Violation[] {
  const violations = errors.filter((error) => !isSummary(error.keyword)).map(violationOf);
  const unique = new Map(
    violations.map((violation) => [`${violation.pointer} ${violation.detail}`, violation]),
  );
  return [...unique.values()].slice(0, limit);
}

/** `if` and `anyOf` only repeat that one of the findings beside them holds. */
function isSummary(keyword: string): boolean {
  return keyword === 'if';
}

function violationOf(error: ErrorObject): Violation {
  const at = (property: unknown) => `${error.instancePath}/${escapePointer(String(property))}`;
  switch (error.keyword) {
    case 'required':
      return { pointer: at(error.params.missingProperty), detail: 'is required' };
    case 'additionalProperties':
      return { pointer: at(error.params.additionalProperty), detail: 'is not a known property' };
    case 'enum':
      return { pointer: error.instancePath, detail: `must be one of ${list(error.params.allowedValues)}` };
    case 'const':
      return { pointer: error.instancePath, detail: `must be ${JSON.stringify(error.params.allowedValue)}` };
    default:
      return { pointer: error.instancePath, detail: error.message ?? 'is not valid' };
  }
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : String(values);
}

/** RFC 6901: "~" and "/" inside a key are written "~0" and "~1". */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv);
  return ajv;
}
