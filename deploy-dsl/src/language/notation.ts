import type { Diagnostic } from './diagnostic.ts';
import type { Place } from './errors/define.ts';
import { badNotation } from './errors/syntax.ts';
import { dereference, type Schema } from './json-schema.ts';
import { suggest } from './suggest.ts';
import type { ScalarTree } from './tree.ts';

/** The message for a single value that is not written as the schema wants it. */
export function badNotationOf(tree: ScalarTree, schema: Schema, at: Place): Diagnostic {
  const shown = tree.text.length > 60 ? `${tree.text.slice(0, 57)}...` : tree.text;
  const near = fits(tree.text, schema);
  const caption =
    near === null ? `expected ${plain(schema.title ?? 'something else')}` : `did you mean ${near}?`;
  const branches = (schema.anyOf ?? [schema]).map(dereference);
  const examples = branches.flatMap((branch) => branch.examples ?? []);
  const help = [];
  const described = branches.find(
    (branch) => branch.pattern !== undefined && branch.description !== undefined,
  );
  if (described?.description !== undefined && near === null) {
    help.push(plain(described.description));
  }
  if (examples.length > 0 && near === null) {
    help.push(`for example ${listed(examples.slice(0, 4).map(String))}`);
  }
  return badNotation(at, `"${shown}"`, plain(schema.title ?? 'allowed'), caption, help);
}

/** What the author probably meant: the text, or another form of it, that the schema takes; null when none is found. */
export function fits(text: string, schema: Schema): string | null {
  const branches = (schema.anyOf ?? [schema]).map(dereference);
  const constants = branches.flatMap((branch) => (typeof branch.const === 'string' ? [branch.const] : []));
  const constant = suggest(text, constants);
  if (constant !== null) {
    return constant;
  }
  if (text.length > longest) {
    return null;
  }
  for (const candidate of [text, ...variants(text)]) {
    const taken = branches.some(
      (branch) => branch.pattern !== undefined && patternOf(branch).test(candidate),
    );
    if (taken) {
      return candidate;
    }
  }
  return null;
}

const longest = 100;

/** Common slips, undone one by one. */
function variants(text: string): string[] {
  const tight = text.replaceAll(/\s+/g, '');
  const asName = text
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '');
  return [
    tight,
    tight.toUpperCase(),
    tight.toLowerCase(),
    tight.replace(/(\d)\s*secs?(onds?)?$/i, '$1s').replace(/(\d)\s*min(utes?|s)?$/i, '$1m'),
    tight.replace(/(\d)\s*hours?$/i, '$1h').replace(/(\d)\s*(millis|msecs?)$/i, '$1ms'),
    tight.replace(/([kmg])i?b?$/i, (_, unit: string) => `${unit.toUpperCase()}B`),
    tight.replace(/^(\d+)(-|\.\.\.|:|,)(\d+)/, '$1..$3'),
    text
      .replace(/\/(sec(ond)?|minute|min)\b/, (_, unit: string) => `/${unit.charAt(0)}`)
      .replace(/per ip$/, 'per address'),
    ...(/^\d+$/.test(tight) ? [`${tight}s`, `${tight}%`, `${tight}MB`] : []),
    text.replace(/^https?:\/\//, '').replace(/\/$/, ''),
    // Only a word is a name that slipped; a path or a command made into one would be nonsense.
    ...(/^[\w -]+$/.test(text)
      ? [asName, text.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(\d)/, '_$1')]
      : []),
    `/${tight.replaceAll(/\/+/g, '/').replace(/^\/|\/$|\/\*+$/g, '')}`,
  ].filter((candidate) => candidate !== text && candidate !== '');
}

const patterns = new Map<string, RegExp>();

/** The schema's pattern, compiled once; one that takes everything when it has none. */
export function patternOf(schema: Schema): RegExp {
  const text = schema.pattern ?? '';
  let compiled = patterns.get(text);
  if (compiled === undefined) {
    compiled = new RegExp(text, 'u');
    patterns.set(text, compiled);
  }
  return compiled;
}

/** `a, b or c` */
export function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Markdown of the schema's texts as it reads in a terminal. */
export const plain = (markdown: string) => markdown.replaceAll('`', '');
