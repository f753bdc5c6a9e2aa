import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { among, rarely } from './random/draw.ts';
import { drawByteMutation, drawMutation } from './random/mutate.ts';
import { drawValidFile } from './random/valid-file.ts';
import { diagnose, expectSound } from './soundness.ts';

/** Nothing that is done to a file makes the parser throw or hang, and every message about it is sound. */

const root = join(import.meta.dirname, '../../..');
const written = [
  'services.yml',
  'examples/one-service/services.yml',
  'examples/company/services.yml',
  ...readdirSync(join(root, 'examples/broken'))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `examples/broken/${name}`),
].map((path) => readFileSync(join(root, path), 'utf8'));

test.each([
  { what: 'characters, tokens and lines', mutate: drawMutation, numRuns: 200 },
  { what: 'bytes', mutate: drawByteMutation, numRuns: 100 },
])(
  'mutated $what of a valid or broken file',
  ({ mutate, numRuns }) => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const text = rarely(draw, 4) ? drawValidFile(draw).text : among(draw, written);
        const mutated = mutate(draw, text);
        const found = diagnose(mutated);
        try {
          expectSound(found, mutated);
        } catch (error) {
          throw new Error(`${JSON.stringify(found, null, 1)}\n${JSON.stringify(String(mutated))}`, {
            cause: error,
          });
        }
      }),
      { numRuns, endOnFailure: true },
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  },
  120_000,
);

test('any text and any bytes at all', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }));
  fc.assert(
    fc.property(bytes, (each) => {
      expectSound(diagnose(each), each);
    }),
    { numRuns: 300 },
  );
});
