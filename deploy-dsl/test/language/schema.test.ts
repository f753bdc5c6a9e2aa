import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { generatedFiles } from '../../src/language/generated-files.ts';
import { drawModel } from './random/model.ts';
import { drawDataMutation } from './random/mutate-data.ts';
import { spellFile } from './random/spell-file.ts';
import { writeYaml } from './random/write-yaml.ts';
import { diagnose } from './soundness.ts';

/** What an editor does with schema.json: an independent reader of it must say the same as `tandem validate`. */

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const schema = JSON.parse(read('deploy-dsl/schema.json'));
const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true, strictTypes: false });
const accepts = ajv.compile(schema);

/** The codes of what has the wrong shape; all others are about what the file means. */
const isOfShape = ({ code }: Diagnostic) => /^TDM-12\d$/.test(code);
/** What is no YAML has no shape. */
const isOfText = ({ code }: Diagnostic) => /^TDM-1[01]\d$/.test(code);
const asData = (text: string): unknown => parse(text, { merge: true, uniqueKeys: false });

test.each([...generatedFiles()])(
  '%s is what the source says (refresh: ./tandem schema --write)',
  (path, text) => {
    expect(read(path)).toBe(text);
  },
);

test('is a JSON Schema of draft 7, without a keyword that nobody knows', () => {
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(ajv.validateSchema(schema), JSON.stringify(ajv.errors)).toBe(true);
});

test('every key is explained, and every example and default fits its own place', () => {
  const faults: string[] = [];
  const walk = (part: unknown, path: string) => {
    if (typeof part !== 'object' || part === null) return;
    if ('properties' in part && typeof part.properties === 'object' && part.properties !== null) {
      for (const [key, property] of Object.entries(part.properties)) {
        if (!explains(property)) faults.push(`${path}/${key} has no description`);
      }
    }
    const samples = [
      ...('examples' in part && Array.isArray(part.examples) ? part.examples : []),
      ...('default' in part ? [part.default] : []),
    ];
    for (const sample of samples) {
      const fits = ajv.validate({ ...part, definitions: schema.definitions }, sample);
      if (!fits) faults.push(`${path}: ${JSON.stringify(sample)} does not fit: ${ajv.errorsText()}`);
    }
    for (const [key, inner] of Object.entries(part)) {
      if (!['examples', 'default'].includes(key)) walk(inner, `${path}/${key}`);
    }
  };
  const explains = (property: unknown): boolean => {
    if (typeof property !== 'object' || property === null) return false;
    if ('description' in property) return true;
    if (!('$ref' in property) || typeof property.$ref !== 'string') return false;
    return explains(schema.definitions[property.$ref.slice(property.$ref.lastIndexOf('/') + 1)]);
  };
  walk(schema, '#');
  expect(faults).toEqual([]);
});

describe('an independent reader of the schema', () => {
  test.each(['services.yml', 'examples/one-service/services.yml', 'examples/company/services.yml'])(
    'accepts %s',
    (path) => {
      expect(accepts(asData(read(path))), ajv.errorsText(accepts.errors)).toBe(true);
    },
  );

  const broken = readdirSync(join(root, 'examples/broken')).filter((name) => name.endsWith('.yml'));
  test.each(broken)('agrees about the shape of %s', (name) => {
    const found = diagnose(readFileSync(join(root, 'examples/broken', name)));
    if (found.some(isOfText)) return;
    expect(accepts(asData(read(`examples/broken/${name}`)))).toBe(!found.some(isOfShape));
  });

  test('accepts every valid file, and refuses exactly those whose shape we refuse', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const valid = spellFile(draw, drawModel(draw));
        const text = writeYaml(draw, valid);
        expect(accepts(asData(text)), `${ajv.errorsText(accepts.errors)}\n${text}`).toBe(true);
        const mutated = writeYaml(draw, drawDataMutation(draw, valid));
        const all = diagnose(mutated);
        if (all.some(isOfText)) return;
        const found = all.filter(isOfShape);
        refused += found.length > 0 ? 1 : 0;
        const words = `${ajv.errorsText(accepts.errors)}\n${JSON.stringify(found, null, 1)}\n${mutated}`;
        expect(accepts(asData(mutated)), words).toBe(found.length === 0);
      }),
      { numRuns: 60, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(20);
  });
});
