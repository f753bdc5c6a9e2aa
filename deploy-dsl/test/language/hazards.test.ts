import { describe, expect, test } from 'vitest';
import { loadSource } from '../../src/language/load.ts';
import { maxFileBytes } from '../../src/language/read.ts';
import { codes, diagnose, expectSound } from './soundness.ts';

const good = 'tandem: 1\nservices:\n  web:\n    routes: [/]\n    env: { A: ä }\n';

describe('bytes', () => {
  test.each([
    { what: 'a byte order mark', bytes: `\uFEFF${good}` },
    { what: 'CRLF', bytes: good.replaceAll('\n', '\r\n') },
    { what: 'CRLF and LF mixed', bytes: good.replace('\n', '\r\n') },
    { what: 'no line end at the end', bytes: good.trimEnd() },
    { what: 'blanks at the ends of lines', bytes: good.replaceAll('\n', '  \n') },
    { what: 'tabs before a comment and between values', bytes: good.replace(': 1', ':\t1\t# one') },
  ])('$what is fine', ({ bytes }) => {
    expect(codes(bytes)).toEqual([]);
  });

  test.each([
    { what: 'UTF-16, little end first', bytes: Buffer.from(`\uFEFF${good}`, 'utf16le'), code: 'TDM-104' },
    {
      what: 'UTF-16, big end first',
      bytes: Buffer.from(`\uFEFF${good}`, 'utf16le').swap16(),
      code: 'TDM-104',
    },
    { what: 'UTF-16 without its mark', bytes: Buffer.from(good, 'utf16le'), code: 'TDM-104' },
    {
      what: 'UTF-16 without its mark, swapped',
      bytes: Buffer.from(good, 'utf16le').swap16(),
      code: 'TDM-104',
    },
    { what: 'Latin-1', bytes: Buffer.from(good, 'latin1'), code: 'TDM-104' },
    {
      what: 'a character cut in half at the end',
      bytes: Buffer.from('a: ä').subarray(0, 4),
      code: 'TDM-104',
    },
    { what: 'a surrogate on its own', bytes: Buffer.from([0x61, 0x3a, 0xed, 0xa0, 0x80]), code: 'TDM-104' },
    { what: 'a NUL', bytes: good.replace('web', 'w\0b'), code: 'TDM-105' },
    { what: 'an escape', bytes: good.replace('web', '\u001b[31mweb'), code: 'TDM-105' },
    { what: 'a carriage return on its own', bytes: good.replaceAll('\n', '\r'), code: 'TDM-1' },
    { what: 'nothing', bytes: '', code: 'TDM-106' },
    { what: 'only a byte order mark', bytes: '\uFEFF', code: 'TDM-106' },
    { what: 'only blanks and comments', bytes: '  \n# services: {}\n\n', code: 'TDM-106' },
    { what: 'only the start of a document', bytes: '---\n', code: 'TDM-106' },
    { what: 'a tab as indentation', bytes: good.replace('  web', '\tweb'), code: 'TDM-108' },
    { what: 'two documents', bytes: `${good}---\n${good}`, code: 'TDM-107' },
    { what: 'a hundred documents', bytes: '---\na: 1\n'.repeat(100), code: 'TDM-107' },
    { what: 'a picture', bytes: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), code: 'TDM-104' },
    { what: 'JSON lines', bytes: '{"a":1}\n{"a":2}\n', code: 'TDM-109' },
  ])('$what: $code', ({ bytes, code }) => {
    const found = diagnose(bytes);
    expectSound(found, bytes);
    expect(found[0]?.code.startsWith(code), JSON.stringify(found)).toBe(true);
  });
});

describe('anchors, aliases and merge keys', () => {
  const load = (text: string) =>
    loadSource(text, { file: 'services.yml', environment: 'local' }).model.services;

  test('a merged map gives what the map does not say itself; the earlier of several wins', () => {
    const { c, d } = load(`tandem: 1
services:
  a: &a { cpu: 1, memory: 10, needs: [] }
  b: &b { cpu: 2, class: media }
  c: { <<: [*b, *a], memory: 30 }
  d: { memory: 40, <<: *b, cpu: 4 }
`);
    expect(c).toMatchObject({ cpuMHz: 2, class: 'media', memory: { softMiB: 30 } });
    expect(d).toMatchObject({ cpuMHz: 4, class: 'media', memory: { softMiB: 40 } });
  });

  test('a merged map may itself have merged one', () => {
    const { c } = load(`tandem: 1
services:
  a: &a { cpu: 1, memory: 10 }
  b: &b { <<: *a, cpu: 2 }
  c: { <<: *b }
`);
    expect(c).toMatchObject({ cpuMHz: 2, memory: { softMiB: 10 } });
  });

  test('"<<" in quotes is a key and not a merge', () => {
    expect(codes('tandem: 1\nservices: { a: &a {}, b: { "<<": *a } }\n')).toEqual(['TDM-120']);
  });

  test.each([
    { what: 'an unknown anchor', text: 'services: *nobody', code: 'TDM-110' },
    { what: 'an alias of what it stands in', text: 'services: &a { web: *a }', code: 'TDM-110' },
    { what: 'a merge of what it stands in', text: 'services: &a { <<: *a }', code: 'TDM-110' },
    { what: 'an alias above its anchor', text: 'a: *b\nb: &b 1', code: 'TDM-110' },
    { what: 'a merged number', text: 'services: { <<: 1 }', code: 'TDM-112' },
    { what: 'a merged nothing', text: 'services: { <<: }', code: 'TDM-112' },
    { what: 'a merged list of lists', text: 'services: { <<: [[{}]] }', code: 'TDM-112' },
    { what: 'a key twice', text: 'services: {}\nservices: {}', code: 'TDM-113' },
    { what: 'a key twice, in other quotes', text: 'services: {}\n"services": {}', code: 'TDM-113' },
    { what: 'a key twice by an alias', text: 'a: &k services\nservices: {}\n*k : {}', code: 'TDM-113' },
    { what: 'a number twice as a key', text: '1: a\n1: b', code: 'TDM-113' },
    { what: 'a tag', text: 'services: !!set { a }', code: 'TDM-114' },
    { what: 'a list as a key', text: '? [a]\n: 1', code: 'TDM-115' },
    { what: 'nothing as a key', text: '~: 1', code: 'TDM-115' },
    { what: 'an alias of a map as a key', text: 'services: &a {}\n*a : 1', code: 'TDM-115' },
  ])('$what: $code', ({ text, code }) => {
    const found = diagnose(text);
    expectSound(found, text);
    expect(found.map((each) => each.code)).toContain(code);
  });

  test('a key that is there twice is shown at both places, also behind a merge', () => {
    const text = 'tandem: 1\nservices:\n  a: &a { cpu: 1, cpu: 2 }\n  b: { <<: *a, cpu: 3 }\n';
    expect(diagnose(text)).toMatchObject([
      {
        code: 'TDM-113',
        range: { start: { line: 3, column: 19 } },
        labels: [{ range: { start: { column: 11 } } }],
      },
    ]);
  });
});

describe('size', () => {
  const bomb = (levels: number, width: number) =>
    Array.from({ length: levels }, (_, i) =>
      i === 0
        ? `a0: &a0 [x]`
        : `a${i}: &a${i} [${Array(width)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
    ).join('\n');
  const mergeBomb = (levels: number) =>
    Array.from({ length: levels }, (_, i) => {
      const keys = Array.from({ length: 500 }, (_, n) => `k${i}-${n}: 1`).join(', ');
      return i === 0 ? `a0: &a0 { ${keys} }` : `a${i}: &a${i} { <<: [*a${i - 1}, *a${i - 1}], ${keys} }`;
    }).join('\n');

  test.each([
    { what: 'a billion values behind aliases', text: bomb(12, 9), code: 'TDM-111' },
    { what: 'more values behind aliases than numbers can count', text: bomb(400, 40), code: 'TDM-111' },
    { what: 'maps that merge maps that merge maps', text: mergeBomb(60), code: 'TDM-111' },
    { what: 'a list nested 51 deep', text: `a: ${'['.repeat(51)}${']'.repeat(51)}`, code: 'TDM-116' },
    { what: 'a hundred thousand open brackets', text: '['.repeat(100_000), code: 'TDM-1' },
    { what: 'a hundred thousand open braces', text: '{a: '.repeat(100_000), code: 'TDM-1' },
    { what: 'a hundred thousand dashes on a line', text: '- '.repeat(100_000), code: 'TDM-1' },
    { what: 'a hundred thousand keys in keys', text: '? '.repeat(100_000), code: 'TDM-1' },
    {
      what: 'a staircase of two thousand keys',
      text: Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      code: 'TDM-1',
    },
    {
      what: 'a line of a million characters',
      text: `tandem: 1\nservices: ${'x'.repeat(1_000_000)}`,
      code: 'TDM-122',
    },
    {
      what: 'a key of a million characters',
      text: `tandem: 1\nservices: {}\n${'x'.repeat(1_000_000)}: 1`,
      code: 'TDM-1',
    },
    {
      what: 'a name of a thousand letters',
      text: `tandem: 1\nservices: { ${'x'.repeat(1_000)}: {} }`,
      code: 'TDM-124',
    },
    {
      what: 'ten megabytes',
      text: `tandem: 1\nservices: {}\n${'# filler\n'.repeat(1_200_000)}`,
      code: 'TDM-103',
    },
  ])('$what: $code', ({ text, code }) => {
    const found = codesOfLarge(text);
    expect(
      found.every((each) => each.startsWith(code)),
      found.join(),
    ).toBe(true);
    expect(found).not.toEqual([]);
  });

  test('as many errors as there are lines are cut off, and counted', () => {
    const text = `tandem: 1\nservices:\n${Array.from({ length: 5_000 }, (_, i) => `  s${i}: { cpu: x }`).join('\n')}`;
    const found = diagnose(text);
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toMatchObject({ code: 'TDM-117', title: '4,800 more errors are not shown' });
  });

  function codesOfLarge(text: string): string[] {
    if (text.length <= maxFileBytes) return codes(text);
    try {
      loadSource(text, { file: 'services.yml', environment: 'local' });
    } catch (error) {
      if (error instanceof Error && 'diagnostics' in error) return [/TDM-\d+/.exec(error.message)?.[0] ?? ''];
      throw error;
    }
    return [];
  }
});
