import { expect, test } from 'vitest';
import { duringMove, isAllThere, type Received, withoutDoubles } from '../call/received.ts';

/** As far as a track is looked at: it is muted until its first packet. */
const track = (muted: boolean) => ({ muted }) as MediaStreamTrack;

const from = (
  server: string,
  participant: string,
  change: { muted?: boolean; paused?: boolean; hidden?: boolean; hasBegun?: boolean } = {},
): Received => ({
  ...{ id: `${server}-${participant}`, participant, source: 'camera', paused: change.paused ?? false },
  track: track(change.muted ?? false),
  hidden: change.hidden ?? false,
  hasBegun: change.hasBegun ?? false,
  quality: 'good',
});

test.each<[string, Received[], Received[], string[]]>([
  ['who has not moved is shown from the former server', [from('a', 'ada')], [], ['a-ada']],
  [
    'whose first packet is on its way, too',
    [from('a', 'ada')],
    [from('b', 'ada', { muted: true })],
    ['a-ada'],
  ],
  ['who has arrived is shown from the latest', [from('a', 'ada')], [from('b', 'ada')], ['b-ada']],
  [
    'also who is off the screen',
    [from('a', 'ada')],
    [from('b', 'ada', { muted: true, hidden: true })],
    ['b-ada'],
  ],
  ['also who is paused', [from('a', 'ada')], [from('b', 'ada', { muted: true, paused: true })], ['b-ada']],
  [
    'and who was not there before',
    [from('a', 'ada')],
    [from('b', 'bob', { muted: true })],
    ['b-bob', 'a-ada'],
  ],
  ['each by itself', [from('a', 'ada'), from('a', 'bob')], [from('b', 'bob')], ['b-bob', 'a-ada']],
])('during a move: %s', (_, former, latest, expected) => {
  expect(duringMove(former, latest).map(({ id }) => id)).toEqual(expected);
});

test.each<[string, Received[], boolean]>([
  ['a first packet is no picture yet', [from('b', 'ada')], false],
  ['a first picture is', [from('b', 'ada', { hasBegun: true })], true],
  ['of what is off the screen none will come', [from('b', 'ada', { hidden: true })], true],
  ['nor of what is paused', [from('b', 'ada', { paused: true })], true],
  ['another picture does not count', [from('b', 'bob', { hasBegun: true })], false],
])('a former media server is left: %s', (_, latest, expected) => {
  expect(isAllThere([from('a', 'ada')], latest)).toBe(expected);
});

test('whoever sends from two media servers is there once: from the later one as soon as something comes of it', () => {
  const ids = (...list: Received[]) => withoutDoubles(list).map(({ id }) => id);
  expect(ids(from('a', 'ada'), from('b', 'ada', { muted: true }), from('a', 'bob'))).toEqual([
    'a-ada',
    'a-bob',
  ]);
  expect(ids(from('a', 'ada'), from('b', 'ada'))).toEqual(['b-ada']);
  expect(ids(from('a', 'ada', { muted: true }), from('b', 'ada', { muted: true }))).toEqual(['a-ada']);
});
