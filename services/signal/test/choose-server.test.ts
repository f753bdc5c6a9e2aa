import { expect, test } from 'vitest';
import { type Candidate, chooseServer, FULL } from '../src/choose-server.ts';

const server = (id: string, change: Partial<Candidate> = {}): Candidate => ({
  ...{ id, cloud: 'aws', workers: 2, streams: 0, draining: false, recentJoins: 0, wasLost: false },
  ...change,
});

test.each<[string, Candidate[], string | null]>([
  ['the one with less to do', [server('a', { streams: 100 }), server('b', { streams: 50 })], 'b'],
  ['per worker', [server('a', { streams: 100, workers: 8 }), server('b', { streams: 50 })], 'a'],
  ['never one that drains', [server('a', { draining: true }), server('b', { streams: 300 })], 'b'],
  ['nobody where all drain', [server('a', { draining: true })], null],
  ['nobody without a worker', [server('a', { workers: 0 })], null],
  [
    'near the people, though there is more to do',
    [server('a', { streams: 300 }), server('b', { cloud: 'gcp' })],
    'a',
  ],
  ['not near where that is full', [server('a', { streams: 2 * FULL }), server('b', { cloud: 'gcp' })], 'b'],
  [
    'near where everything is full',
    [server('a', { streams: 2 * FULL }), server('b', { streams: 3 * FULL, cloud: 'gcp' })],
    'a',
  ],
  ['those who have just come count', [server('a', { recentJoins: 20 }), server('b', { streams: 50 })], 'b'],
  ['not the one that was just lost', [server('a', { wasLost: true }), server('b', { streams: 300 })], 'b'],
  ['unless there is no other', [server('a', { wasLost: true }), server('b', { draining: true })], 'a'],
  ['nobody where there is none', [], null],
])('a room goes to: %s', (_, candidates, expected) => {
  expect(chooseServer(candidates, 'aws')?.id ?? null).toBe(expected);
});
