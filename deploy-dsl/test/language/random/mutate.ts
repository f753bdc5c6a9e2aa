import fc from 'fast-check';
import { among, between, type Draw, maybe } from './draw.ts';

/** A text after a few of the things that happen to files: slips of the hand, bad merges, broken disks, malice. */
export function drawMutation(draw: Draw, text: string): string {
  let mutated = text;
  for (let left = between(draw, 1, 4); left > 0; left--) mutated = among(draw, mutations)(draw, mutated);
  return mutated;
}

/** Bytes instead of characters: what is no UTF-8 any more. */
export function drawByteMutation(draw: Draw, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  for (let left = between(draw, 1, 3); left > 0; left--) {
    const at = between(draw, 0, Math.max(0, bytes.length - 1));
    if (at < bytes.length) bytes[at] = between(draw, 0, 255);
  }
  return maybe(draw) ? bytes : bytes.subarray(0, between(draw, 0, bytes.length));
}

type Mutation = (draw: Draw, text: string) => string;

const token = /[\w.*/-]+|[^\w\s]|\s+/g;

/** Puts something else in the place of one token. */
const onToken =
  (change: (draw: Draw, found: string, others: string[]) => string): Mutation =>
  (draw, text) => {
    const tokens: string[] = text.match(token) ?? [];
    if (tokens.length === 0) return text;
    const at = between(draw, 0, tokens.length - 1);
    return tokens.map((found, i) => (i === at ? change(draw, found, tokens) : found)).join('');
  };

const onLine =
  (change: (draw: Draw, line: string) => string[]): Mutation =>
  (draw, text) => {
    const lines = text.split('\n');
    const at = between(draw, 0, lines.length - 1);
    return lines.toSpliced(at, 1, ...change(draw, lines[at] ?? '')).join('\n');
  };

const mutations: Mutation[] = [
  onToken(() => ''),
  onToken((_, found) => found + found),
  onToken((draw, _, others) => among(draw, others)),
  onToken((draw) => among(draw, hostile)),
  onToken((draw, found) => found + among(draw, hostile)),
  onToken((draw) => draw(anyText)),
  onLine(() => []),
  onLine((_, line) => [line, line]),
  onLine((draw, line) => [' '.repeat(between(draw, 1, 5)) + line]),
  onLine((_, line) => [line.replace(/^ +/, '')]),
  onLine((_, line) => [`\t${line}`]),
  onLine((draw, line) => [line, among(draw, hostileLines)]),
  (draw, text) => text.slice(0, between(draw, 0, text.length)),
  (draw, text) => text.slice(between(draw, 0, text.length)),
  (draw, text) => {
    const at = between(draw, 0, text.length);
    return text.slice(0, at) + among(draw, hostile) + text.slice(at);
  },
];

const anyText = () => fc.string({ unit: 'binary', maxLength: 20 });

const hostile = [
  ...['\u0000', '\u0007', '\u001b[31m', '\u007f', '\u0085', '\u00a0', '\u200b', '\u2028', '\u202e', '\ufeff'],
  ...['\ufffe', '\ud800', '\udc00', '\u{10ffff}', 'e\u0301'.repeat(30), '\r', '\t', '\n'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '*',
    '&',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
    '"',
    "'",
    '#',
    ':',
    '-',
    ',',
    '?',
    '<<',
    '~',
  ],
  ...[
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'null',
    'true',
    'no',
    '.nan',
    '-.inf',
    '1e999',
  ],
  ...[
    '9'.repeat(400),
    '-1',
    '0x',
    '1_000',
    '..',
    '1..',
    '0..0',
    '99..1',
    '../..',
    '//',
    '%n%s',
    '$' + '{jndi:x}',
  ],
  ...[
    '{{ range }}',
    '; }',
    '\\',
    '\\u0000',
    'a'.repeat(300),
    '!!js/function',
    '!!binary',
    '&a',
    '*a',
    '*nobody',
  ],
];

const hostileLines = [
  ...[
    '---',
    '...',
    '%YAML 9.9',
    '%TAG ! !',
    '<<: *a',
    '? a',
    '? [a, b]',
    ': a',
    '- a',
    '  - - - a',
    'a: &a [*a]',
  ],
  ...['__proto__: { polluted: true }', 'services: 1', 'tandem: 2', '  "": x', '  ~: x', '  !!set { a }: b'],
  ...[
    'key: |\n   text',
    'key: >9\n  x',
    '"key',
    "'key",
    '  a: b: c',
    'environments: []',
    'clouds: { local: ~ }',
  ],
];
