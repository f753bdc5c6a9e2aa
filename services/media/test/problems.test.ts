import type { ProblemType } from '@tandem/common';
import { expect, test } from 'vitest';
import * as problems from '../src/problems.ts';

test('the problems of media are these; a released code keeps its meaning', () => {
  const codes = Object.values<ProblemType>(problems).map(({ code, status }) => `${status} ${code}`);
  expect(codes.sort()).toEqual([
    '401 grant-refused',
    '401 peer-unknown',
    '401 subscriber-unknown',
    '403 not-permitted',
    '404 media-not-found',
    '404 producer-gone',
    '404 room-unknown',
    '406 not-acceptable',
    '409 media-lost',
    '409 placement-stale',
    '409 room-full',
    '409 too-many',
    '409 wrong-transport',
    '422 media-refused',
    '503 no-worker',
  ]);
});
