import { dirname } from 'node:path';
import { checks } from './checks/all.ts';
import { CheckContext } from './checks/check.ts';
import { type ContractIn, contractsBelow, noContracts } from './contract.ts';
import { type Diagnostic, exitCodes, TandemError } from './diagnostic.ts';
import { tooManyErrors } from './errors/syntax.ts';
import { unknownEnvironment } from './errors/usage.ts';
import { fileSchema } from './json-schema.ts';
import type { Model } from './model.ts';
import { byPlace } from './order.ts';
import { parse } from './parse.ts';
import { readSource, sourceOf } from './read.ts';
import { RecordedOrigins } from './recorded-origins.ts';
import { environmentNames, resolveEnvironment } from './resolve/environment.ts';
import { Resolution } from './resolve/resolution.ts';
import type { FileInput } from './schema/file.ts';
import { checkShape } from './shape.ts';
import type { SourceText } from './source-text.ts';
import { Written } from './written.ts';

/** One environment of a file, sound: errors have been thrown. */
export interface Loaded {
  model: Model;
  origins: RecordedOrigins;
  warnings: Diagnostic[];
}

/** What is wrong with a file, over several environments. */
export interface Findings {
  /** The environments that were looked at; none when the file is no YAML. */
  environments: string[];
  /** Errors and warnings in the order of the file; what several environments share is there once. */
  diagnostics: Diagnostic[];
}

/**
 * Reads a file and makes the model of one environment.
 * @param options.display how messages name the file; the path when left out
 * @throws TandemError (exit 2) with all errors of the file and of this environment
 */
export async function loadFile(
  path: string,
  options: { environment: string; display?: string },
): Promise<Loaded> {
  const source = await readSource(path, options.display ?? path);
  return load(source, options.environment, contractsBelow(dirname(path)));
}

/**
 * The same from a text.
 * @throws TandemError (exit 2) with all errors of the text and of this environment
 */
export function loadSource(text: string, options: { file: string; environment: string }): Loaded {
  return load(sourceOf(text, options.file), options.environment, noContracts);
}

/**
 * Names of the environments of a text, in the order of the file; `local` is always among them.
 * @throws TandemError (exit 2) when the text is not YAML
 */
export function environmentsOf(text: string, file = 'services.yml'): string[] {
  return environmentNames(open(sourceOf(text, file)).file);
}

/**
 * Everything that is wrong with a file, in one environment or, with null, in all of them.
 * @param contractIn for services that run from the working tree: what they say of themselves is held against the file
 * @throws TandemError (exit 2) when it cannot be read, is no YAML, or has no such environment
 */
export function findingsOf(
  source: SourceText,
  environment: string | null,
  contractIn: ContractIn = noContracts,
): Findings {
  const opened = open(source);
  const environments = environment === null ? environmentNames(opened.file) : [environment];
  const diagnostics = environments.flatMap((name) => resolve(opened, name, contractIn).diagnostics);
  return { environments, diagnostics: orderly(diagnostics, source.file) };
}

function load(source: SourceText, environment: string, contractIn: ContractIn): Loaded {
  const { model, origins, diagnostics } = resolve(open(source), environment, contractIn);
  const found = orderly(diagnostics, source.file);
  if (found.some((diagnostic) => diagnostic.severity === 'error')) {
    throw new TandemError(found, exitCodes.badInput);
  }
  return { model, origins, warnings: found };
}

/** A file that is YAML, with what its shape lacks. */
interface Opened {
  source: SourceText;
  file: Written<FileInput>;
  diagnostics: Diagnostic[];
}

function open(source: SourceText): Opened {
  const tree = parse(source);
  const { diagnostics, broken } = checkShape(tree, fileSchema, source);
  return { source, file: new Written<FileInput>(tree, 'services.yml', broken), diagnostics };
}

function resolve(opened: Opened, environment: string, contractIn: ContractIn) {
  const { source, file, diagnostics } = opened;
  const known = environmentNames(file);
  if (!known.includes(environment)) {
    throw new TandemError([unknownEnvironment(environment, source.file, known)], exitCodes.badInput);
  }
  const origins = new RecordedOrigins(source);
  const resolution = new Resolution(source, origins, diagnostics.length === 0);
  const { model, facts } = resolveEnvironment(file, environment, resolution);
  const context = new CheckContext(model, facts, origins, contractIn);
  for (const check of checks) {
    check(context);
  }
  const meaning = [...resolution.diagnostics, ...context.diagnostics];
  // A warning about a file that is not even well-formed is noise: what it misses may be what was refused.
  const worthSaying =
    diagnostics.length === 0 ? meaning : meaning.filter(({ severity }) => severity === 'error');
  return { model, origins, diagnostics: [...diagnostics, ...worthSaying] };
}

const mostShown = 200;

/** In the order of the file, each once, errors before warnings at the same place, and not without end. */
function orderly(diagnostics: Diagnostic[], file: string): Diagnostic[] {
  const unique = new Map(diagnostics.map((diagnostic) => [identityOf(diagnostic), diagnostic]));
  const sorted = [...unique.values()].sort(byPlace);
  const hidden = sorted.length - mostShown;
  return hidden > 0 ? [...sorted.slice(0, mostShown), tooManyErrors(file, hidden)] : sorted;
}

const identityOf = ({ code, range, title }: Diagnostic) =>
  [code, range?.start.line, range?.start.column, title].join('\n');
