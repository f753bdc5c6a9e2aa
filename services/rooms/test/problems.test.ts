import type { ProblemType } from '@tandem/common';
import { expect, test } from 'vitest';
import * as problems from '../src/problems.ts';

test('the problems of rooms are these; a released code keeps its meaning', () => {
  const codes = Object.values<ProblemType>(problems).map(({ code, status }) => `${status} ${code}`);
  expect(codes.sort()).toEqual([
    '401 session-ended',
    '403 guests-not-welcome',
    '403 not-invited',
    '403 not-moderator',
    '403 not-owner',
    '403 refused',
    '404 room-not-found',
    '404 user-not-found',
    '409 too-many-members',
    '409 too-many-rooms',
    '410 room-closed',
    '422 invalid-cursor',
  ]);
});
