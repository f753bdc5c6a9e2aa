import { expect, test } from 'vitest';
import { type Entry, EventLog } from '../src/event-log.ts';

const left = (peer: number) => ({ type: 'peer.left', peer: String(peer) }) as const;

function reader() {
  const read: Entry[] = [];
  let ended = 0;
  return {
    read,
    get ended() {
      return ended;
    },
    of: (log: EventLog, after: number) =>
      log.read(
        after,
        (entry) => read.push(entry),
        () => {
          ended += 1;
        },
      ),
  };
}

test('a reader gets what came after the last event it saw, then what comes', () => {
  const log = new EventLog();
  log.add(left(1));
  log.add(left(2));
  const { read, of } = reader();
  of(log, 1);
  log.add(left(3));
  expect(read).toEqual([
    { id: 2, event: left(2) },
    { id: 3, event: left(3) },
  ]);
});

test('one reader at a time: a new one ends the former, whose end changes nothing then', () => {
  const log = new EventLog();
  const [first, second] = [reader(), reader()];
  const stop = first.of(log, 0);
  second.of(log, 0);
  stop();
  log.add(left(1));
  expect([first.ended, first.read.length, second.read.length]).toEqual([1, 0, 1]);
  expect(log.isRead).toBe(true);
});

test('where events are lost, or were never there, the reader is told so, and goes on from now', () => {
  const log = new EventLog();
  for (let i = 1; i <= 600; i += 1) log.add(left(i));
  for (const after of [0, 50, 601]) {
    const { read, of } = reader();
    of(log, after);
    log.add({ type: 'volumes', volumes: [] });
    expect(read).toEqual([
      { id: 600, event: { type: 'resync' } },
      { id: null, event: { type: 'volumes', volumes: [] } },
    ]);
  }
});

test('loudness is told as it comes and not kept', () => {
  const log = new EventLog();
  log.add({ type: 'volumes', volumes: [] });
  const { read, of } = reader();
  of(log, 0);
  expect([read, log.last]).toEqual([[], 0]);
});
