import { Composer, type Document, Parser, type YAMLError } from 'yaml';
import { type Diagnostic, exitCodes, TandemError } from './diagnostic.ts';
import {
  badYaml,
  controlCharacter,
  fileEmpty,
  severalDocuments,
  tabIndent,
  tagUsed,
  tooDeep,
} from './errors/syntax.ts';
import { toTree } from './from-yaml.ts';
import type { SourceText } from './source-text.ts';
import type { Tree } from './tree.ts';

/**
 * Text to tree.
 * @throws TandemError with every error of the YAML: after one of them the shape of the rest is guesswork, so that
 *   nothing further is checked
 */
export function parse(source: SourceText): Tree {
  const control = firstControlCharacter(source);
  if (control !== null) {
    throw new TandemError([control], exitCodes.badInput);
  }
  const [document, second] = documentsOf(source);
  const diagnostics = document === undefined ? [] : yamlErrors(document, source);
  if (second !== undefined) {
    const [start] = second.range;
    diagnostics.push(severalDocuments(source.place(start, start + 3)));
  }
  if (diagnostics.length > 0) {
    throw new TandemError(diagnostics, exitCodes.badInput);
  }
  if (!document?.contents || isEmptyNode(document)) {
    throw new TandemError([fileEmpty(source.place(0, 0))], exitCodes.badInput);
  }
  return toTree(document.contents, source);
}

function documentsOf(source: SourceText): Document.Parsed[] {
  // Duplicate keys and merge keys are ours to treat: in linear time, and with the place of both keys.
  const composer = new Composer({ uniqueKeys: false, merge: false, prettyErrors: false, logLevel: 'silent' });
  let line = 0;
  const parser = new Parser((offset) => {
    line = offset;
  });
  try {
    return [...composer.compose(parser.parse(source.text))];
  } catch (error) {
    // Below a bracket that is not closed the parser takes each line as part of the one before, until its stack is full.
    if (error instanceof RangeError) {
      throw new TandemError([tooDeep(source.place(line, line + 1))], exitCodes.badInput);
    }
    throw error;
  }
}

function isEmptyNode(document: Document.Parsed): boolean {
  const [start, end] = document.contents?.range ?? [0, 0];
  return start === end;
}

function firstControlCharacter(source: SourceText): Diagnostic | null {
  const { text } = source;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (
      (code < 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) ||
      code === 0x7f ||
      code === 0xfffe
    ) {
      return controlCharacter(source.place(i, i + 1), code);
    }
  }
  return null;
}

/** One mistake makes the parser stumble several times on the same line: only the first is worth a message. */
function yamlErrors(document: Document.Parsed, source: SourceText): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const lines = new Set<number>();
  const found = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  for (const error of found) {
    const { line } = source.position(error.pos[0]);
    if (!lines.has(line)) {
      lines.add(line);
      diagnostics.push(yamlError(error, source));
    }
  }
  return diagnostics;
}

function yamlError(error: YAMLError, source: SourceText): Diagnostic {
  const [start, end] = error.pos;
  const at = source.place(start, Math.max(end, start + 1));
  if (error.code === 'TAB_AS_INDENT') {
    return tabIndent(at);
  }
  if (error.code === 'TAG_RESOLVE_FAILED' || error.code === 'BAD_COLLECTION_TYPE') {
    return tagUsed(at, source.text.slice(start, end));
  }
  return badYaml(at, plainWords(error.message), helpFor(error, source.text.slice(start, end)));
}

function plainWords(message: string): string {
  const known = messages.find(([start]) => message.startsWith(start));
  return known === undefined ? message.charAt(0).toLowerCase() + message.slice(1) : known[1];
}

/** The parser's words where they need knowledge of its parts, and ours. */
const messages: [start: string, ours: string][] = [
  ['Implicit map keys need to be followed by map values', 'a key needs a colon and a value: "key: value"'],
  ['Nested mappings are not allowed in compact mappings', 'a second "key:" on the same line'],
  ['Implicit keys need to be on a single line', 'a colon is missing here, or on the line above'],
  [
    'All mapping items must start at the same column',
    'this line is indented differently from its neighbours',
  ],
  [
    'All sequence items must start at the same column',
    'this "-" is indented differently from its neighbours',
  ],
  ["Missing closing 'quote", "the closing ' is missing"],
  ['Missing closing "quote', 'the closing " is missing'],
  ['Alias cannot be an empty string', 'an asterisk alone is an alias without a name'],
  [
    'Flow map in block collection must be sufficiently indented',
    'a map in braces is not closed before here, or this line lacks its indentation',
  ],
  [
    'Flow sequence in block collection must be sufficiently indented',
    'a list in brackets is not closed before here, or this line lacks its indentation',
  ],
];

function helpFor(error: YAMLError, text: string): string[] {
  switch (error.code) {
    case 'BAD_ALIAS':
      return ["a text that starts with an asterisk needs quotes: '*.created'"];
    case 'BAD_SCALAR_START':
      return [`a text that starts with ${text.charAt(0)} needs quotes`];
    case 'BAD_DQ_ESCAPE':
      return ['in single quotes a backslash is only a backslash'];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return ['put it on a line of its own, or the text in quotes when the colon belongs to it'];
    case 'BAD_INDENT':
      return error.message.startsWith('Flow') ? [] : ['keys of the same map start in the same column'];
    case 'MULTILINE_IMPLICIT_KEY':
      return ['keys of the same map start in the same column'];
    case 'RESOURCE_EXHAUSTION':
      return ['nothing in this language is nested this deep'];
    default:
      return [];
  }
}
