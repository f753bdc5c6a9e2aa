import { expect, test } from 'vitest';
import { syntheticFile } from '../../src/bench/synthetic.ts';
import { loadSource } from '../../src/language/load.ts';

test('the synthetic file is valid and as large as it says, without a warning that would distort the figures', () => {
  const { model, warnings } = loadSource(syntheticFile(2000), {
    file: 'services.yml',
    environment: 'production',
  });
  expect(Object.keys(model.services)).toHaveLength(2000);
  expect(warnings).toEqual([]);
});
