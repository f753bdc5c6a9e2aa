import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/language/errors/catalogue.ts';

const source = join(import.meta.dirname, '../../src');
const catalogueFolder = join(source, 'language/errors');
const read = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const declarations = read(catalogueFolder).flatMap(({ text }) =>
  [...text.matchAll(/export const (\w+) = define(?:Error|Warning)\(\s*'(TDM-\d{3})'/g)].map(
    ([, name = '', code = '']) => ({ name, code }),
  ),
);
const users = read(source)
  .filter(({ path }) => !path.startsWith(`${catalogueFolder}/`))
  .map(({ text }) => text.replaceAll(/^import [^;]*;$/gm, ''))
  .join('\n');
const page = readFileSync(join(source, '../../docs/errors.md'), 'utf8');

describe('the catalogue of errors', () => {
  it('has every declared error once, and each in the area of its number', () => {
    const codes = catalogue().flatMap(({ kinds }) => kinds.map(({ code }) => code));
    expect(declarations.map(({ code }) => code).sort()).toEqual(codes.sort());
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  it.each(declarations)('$code ($name) is made somewhere, and documented', ({ name, code }) => {
    expect(new RegExp(`\\b${name}\\b`).test(users), `${name} is used`).toBe(true);
    expect(page.split(`| ${code} |`)).toHaveLength(2);
  });

  it('nobody else makes an error of the catalogue', () => {
    expect(/\bdefine(?:Error|Warning)\(|code: 'TDM-/.exec(users)).toBeNull();
  });
});
