import { isCollection, isMap, isPair, isScalar, type Node, parseDocument, type YAMLMap } from 'yaml';

/** Lines of a block map, without the indentation of where they will stand. */
export type BlockLines = readonly string[];

interface Insertion {
  at: number;
  text: string;
}

/**
 * Adds a service at the end of `services:`, and its version to the environments that need one. Every other character of
 * the file stays as it was.
 *
 * @param entry the service's own lines, its name first
 * @param versions line `NAME: { version: … }` for each of these environments
 * @returns null where the file is written in a way that cannot be continued line by line (an alias, `services: {}`)
 */
export function addToServicesYml(
  text: string,
  entry: BlockLines,
  versions: { environments: readonly string[]; line: string },
): string | null {
  const document = parseDocument(text);
  const services = document.get('services', true);
  const insertions = [
    isMap(services) ? appendBlock(text, services, entry, true) : null,
    ...versions.environments.map((name) =>
      addVersion(text, document.getIn(['environments', name], true), versions.line),
    ),
  ];
  if (!insertions.every((insertion) => insertion !== null)) return null;
  return insertions
    .toSorted((one, other) => other.at - one.at)
    .reduce((edited, { at, text: added }) => edited.slice(0, at) + added + edited.slice(at), text);
}

function addVersion(text: string, environment: unknown, line: string): Insertion | null {
  if (!isMap(environment)) return null;
  const services = environment.get('services', true);
  if (services === undefined) {
    return environment.flow === true
      ? appendFlow(text, environment, `services: { ${line} }`)
      : appendBlock(text, environment, ['services:', `  ${line}`]);
  }
  if (!isMap(services)) return null;
  return services.flow === true ? appendFlow(text, services, line) : appendBlock(text, services, [line]);
}

/**
 * After the last entry and the comments that belong to it, indented like the entries before.
 * @param apart with a blank line before it, where the entries before are set apart, too
 */
function appendBlock(text: string, map: YAMLMap, lines: BlockLines, apart = false): Insertion | null {
  const last = map.items.at(-1);
  const start = startOf(last?.key);
  const end = endOf(last?.value ?? last?.key);
  if (map.flow === true || start === null || end === null) return null;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (indent.trim() !== '') return null;
  const at = afterOwnComments(text, end, indent.length);
  const spaced = apart && hasBlankLineBefore(text, start, map.items.length);
  const added = lines.map((line) => newline + indent + line).join('');
  return { at, text: (spaced ? newline : '') + added };
}

/** Whether entries are set apart; an only one does not tell, and is taken for one that is. */
function hasBlankLineBefore(text: string, start: number, entries: number): boolean {
  return entries === 1 || /\n[ \t]*\r?\n(?:[ \t]*#.*\n)*[ \t]*$/.test(text.slice(0, start));
}

/** The end of the line at `end`, or of the comment lines that follow it deeper than `indent`. */
function afterOwnComments(text: string, end: number, indent: number): number {
  const isOwn = new RegExp(`\\r?\\n[ \\t]{${indent + 1},}#[^\\r\\n]*`, 'y');
  const lineEnd = /\r?\n|$/g;
  // A text of several lines ends with its last newline.
  lineEnd.lastIndex = text.slice(0, end).trimEnd().length;
  let at = lineEnd.exec(text)?.index ?? text.length;
  for (;;) {
    isOwn.lastIndex = at;
    const comment = isOwn.exec(text);
    if (comment === null) return at;
    at += comment[0].length;
  }
}

function appendFlow(text: string, map: YAMLMap, entry: string): Insertion | null {
  const start = startOf(map);
  if (start === null) return null;
  const last = map.items.at(-1);
  if (last === undefined)
    return { at: start + 1, text: text[start + 1] === ' ' ? ` ${entry}` : ` ${entry} ` };
  const end = endOf(last.value ?? last.key);
  return end === null ? null : { at: end, text: `, ${entry}` };
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

/** Where the last character of a value stands; what a block ends with may be followed by comments of its surroundings. */
function endOf(node: unknown): number | null {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    return endOf(isPair(last) ? (last.value ?? last.key) : last);
  }
  return isNode(node) ? (node.range?.[1] ?? null) : null;
}

const isNode = (value: unknown): value is Node => isScalar(value) || isCollection(value);
