import type { ProblemType } from '@tandem/common';
import { expect, test } from 'vitest';
import * as problems from '../src/problems.ts';

test('the problems of users are these; a released code keeps its meaning', () => {
  const codes = Object.values<ProblemType>(problems).map(({ code, status }) => `${status} ${code}`);
  expect(codes.sort()).toEqual([
    '401 session-ended',
    '404 user-not-found',
    '422 image-too-large',
    '422 not-an-image',
  ]);
});
