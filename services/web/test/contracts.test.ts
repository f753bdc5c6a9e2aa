import { contractFaults } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { web } from '../src/service.ts';

test('the contracts are those of the source', async () => {
  expect(await contractFaults(`${import.meta.dirname}/..`, web)).toEqual([]);
});
