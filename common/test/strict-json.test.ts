import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictJson } from '../src/http/strict-json.ts';
import { Problem } from '../src/index.ts';

function refusal(text: string): { code: string; pointer: string | undefined } {
  try {
    parseStrictJson(text);
  } catch (error) {
    if (error instanceof Problem) return { code: error.type.code, pointer: error.errors?.[0]?.pointer };
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const names = fc.string().filter((name) => name !== '__proto__');
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -1.5e10, ''),
    fc.string(),
    fc.array(tie('value')),
    fc.dictionary(names, tie('value')),
  ),
})).value;

test('what has no key twice is read like JSON.parse does', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a key that is there twice is refused wherever it stands, and pointed at', () => {
  const siblings = fc.dictionary(names, values, { minKeys: 1 });
  fc.assert(
    fc.property(siblings, fc.array(names), (object, path) => {
      const [key = ''] = Object.keys(object);
      const inner = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(key)}:1}`;
      const text = path.reduceRight((nested, name) => `{${JSON.stringify(name)}: ${nested} }`, inner);
      const pointer = [...path, key]
        .map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join('');
      expect(refusal(text)).toEqual({ code: 'duplicate-key', pointer });
    }),
  );
});

test.each([
  ['{"a":1,"\\u0061":2}', '/a'],
  ['[{"x":0},{"x":1,"x":2}]', '/1/x'],
  ['{"a":{"b":[1,{"c":"}","c":2}]}}', '/a/b/1/c'],
  ['{"a\\"":1,"a\\"":2}', '/a"'],
])('%s has a key twice', (text, pointer) => {
  expect(refusal(text)).toEqual({ code: 'duplicate-key', pointer });
});

test('the same key in different objects is fine', () => {
  expect(parseStrictJson('{"a":{"a":1},"b":[{"a":1},{"a":2}]}')).toEqual({
    a: { a: 1 },
    b: [{ a: 1 }, { a: 2 }],
  });
});

test('keys that change what objects are made of are refused', () => {
  expect(refusal('{"__proto__":{"admin":true}}').code).toBe('forbidden-key');
  expect(refusal('{"a":[{"\\u005f_proto__":1}]}')).toEqual({
    code: 'forbidden-key',
    pointer: '/a/0/__proto__',
  });
  expect(refusal('{"constructor":{"prototype":{"admin":true}}}').code).toBe('forbidden-key');
  expect(parseStrictJson('{"constructor":"Ferrari","prototype":1}')).toEqual({
    constructor: 'Ferrari',
    prototype: 1,
  });
});

test.each(['', '{', '{"a":}', '{a:1}', "{'a':1}", '[1,]', 'NaN', '"\u0001"', '1 2', '\ufeff{}'])(
  '%j is not JSON',
  (text) => {
    expect(refusal(text).code).toBe('malformed-json');
  },
);

test('nesting that would exhaust the stack of whoever walks it is refused', () => {
  expect(refusal('['.repeat(65) + ']'.repeat(65)).code).toBe('malformed-json');
  expect(refusal(`${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`).code).toBe('malformed-json');
  expect(parseStrictJson('['.repeat(64) + ']'.repeat(64))).toBeDefined();
});
