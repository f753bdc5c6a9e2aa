import { contractFaults } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { turn } from '../src/service.ts';

test('the contracts are those of the source', async () => {
  expect(await contractFaults(`${import.meta.dirname}/..`, turn)).toEqual([]);
});
