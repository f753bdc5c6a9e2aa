import type { ProblemType } from '@tandem/common';
import { expect, test } from 'vitest';
import * as problems from '../src/problems.ts';

test('the problems of chat are these; a released code keeps its meaning', () => {
  const codes = Object.values<ProblemType>(problems).map(({ code, status }) => `${status} ${code}`);
  expect(codes.sort()).toEqual([
    '401 grant-refused',
    '403 not-permitted',
    '406 not-acceptable',
    '410 room-closed',
    '422 text-refused',
  ]);
});
