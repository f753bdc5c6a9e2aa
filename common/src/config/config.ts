import { readFileSync } from 'node:fs';
import type { Static, TObject } from '../schema.ts';
import { validatorOf, violationsOf } from '../validator.ts';
import { Secret } from './secret.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment, all of it at once. Names the variables, never their values. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads a configuration from environment variables. The property `jwtPrivateKey` is the variable
 * `JWT_PRIVATE_KEY`, or the content of the file that `JWT_PRIVATE_KEY_FILE` names. An empty variable counts as
 * not set. Text becomes numbers and booleans where the schema says so, and nothing else is converted.
 *
 * @throws ConfigError with every problem found
 */
export function loadConfig<Schema extends TObject>(schema: Schema, env: Environment): Static<Schema> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(schema.properties)) {
    const value = readVariable(variableOf(key), env, problems);
    if (value !== undefined) values[key] = value;
  }
  const unreadable = new Set(problems.map((problem) => problem.split(' ', 1)[0]));
  const validate = validatorOf(schema, 'text');
  const valid = validate(values);
  for (const { pointer, detail } of violationsOf(validate.errors ?? [], Number.POSITIVE_INFINITY)) {
    const variable = variableOf(pointer.split('/')[1] ?? '');
    if (!unreadable.has(variable)) problems.push(`${variable} ${detail}`);
  }
  if (!valid || problems.length > 0) throw new ConfigError(problems);
  return hideSecrets(schema, values);
}

/**
 * Reads two configurations, the one that every service has and the service's own.
 * @throws ConfigError with the problems of both
 */
export function loadConfigs<First extends TObject, Second extends TObject>(
  first: First,
  second: Second,
  env: Environment,
): [Static<First>, Static<Second>] {
  const one = attempt(() => loadConfig(first, env));
  const other = attempt(() => loadConfig(second, env));
  if (one instanceof ConfigError || other instanceof ConfigError) {
    const problems = [one, other].flatMap((result) => (result instanceof ConfigError ? result.problems : []));
    throw new ConfigError(problems);
  }
  return [one, other];
}

function attempt<Result>(load: () => Result): Result | ConfigError {
  try {
    return load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function hideSecrets<Values extends object>(schema: TObject, values: Values): Values {
  const hidden = Object.entries(values).map(([key, value]) => {
    const secret = 'secret' in (schema.properties[key] ?? {});
    return [key, secret && typeof value === 'string' ? new Secret(value) : value];
  });
  return Object.assign(values, Object.fromEntries(hidden));
}

/** `jwtPrivateKey` → `JWT_PRIVATE_KEY`. */
export function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function readVariable(name: string, env: Environment, problems: string[]): string | undefined {
  const value = env[name] || undefined;
  const file = env[`${name}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    problems.push(`${name} is given twice: by itself and by ${name}_FILE`);
    return undefined;
  }
  try {
    // Editors and `echo` end a file with a newline that is not part of the secret.
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push(`${name} cannot be read from the file in ${name}_FILE (${reason})`);
    return undefined;
  }
}
