import type { Device, types } from 'mediasoup-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../api/problem.ts';
import { Incoming } from '../call/incoming.ts';
import type { RemoteProducer } from '../call/received.ts';
import type { SignalClient } from '../call/signal-client.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const voice = { id: 'p-1', participant: 'ada', source: 'microphone', paused: false } as RemoteProducer;

/** One place at a media server; `answers` are those to what it asks for, the last one for all that follow. */
function enter(...answers: (Problem | null)[]) {
  const asked: string[] = [];
  const signal = {
    isOpen: true,
    async call(method: string) {
      asked.push(method);
      const problem = answers.length > 1 ? answers.shift() : answers[0];
      if (problem instanceof Problem) throw problem;
      return { id: 'c-1', kind: 'audio', rtpParameters: {} };
    },
  };
  const transport = {
    ...{ id: 't-1', connectionState: 'new', closed: false },
    consume: async ({ id }: { id: string }) => ({ id, track: new EventTarget(), close: () => undefined }),
  };
  const incoming = new Incoming({
    peer: 'peer',
    signal: signal as unknown as SignalClient,
    device: { recvRtpCapabilities: {} } as Device,
    transport: transport as unknown as types.Transport,
    shown: null,
    changed: () => undefined,
  });
  return { incoming, signal, asked, ids: () => incoming.received.map(({ id }) => id) };
}

const away = new Problem(400, 'unavailable', 'the media server is busy');

test('what could not be had is asked for again until it comes, and then no more', async () => {
  const { incoming, asked, ids } = enter(away, new Problem(0, 'offline', 'no answer'), null);
  incoming.added(voice);
  await vi.advanceTimersByTimeAsync(1_999);
  expect([asked.length, ids()]).toEqual([1, []]);
  await vi.advanceTimersByTimeAsync(2_001);
  expect([asked.length, ids()]).toEqual([3, ['p-1']]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(3);
});

test('what is refused is not asked for again, nor what has gone', async () => {
  const refused = enter(new Problem(400, 'media-refused', 'it cannot be decoded'));
  refused.incoming.added(voice);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refused.asked.length).toBe(1);
  const gone = enter(away);
  gone.incoming.added(voice);
  await vi.advanceTimersByTimeAsync(0);
  gone.incoming.removed(voice.id);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gone.asked.length).toBe(1);
});

test('without a line nothing is asked; when it is back everything is, once', async () => {
  const { incoming, signal, asked, ids } = enter(away, null);
  incoming.added(voice);
  signal.isOpen = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.length).toBe(1);
  signal.isOpen = true;
  incoming.mend();
  incoming.mend();
  await vi.advanceTimersByTimeAsync(0);
  expect([asked.length, ids()]).toEqual([2, ['p-1']]);
});

test('what is taken away and offered anew while it is asked for is asked for again', async () => {
  const { incoming, asked, ids } = enter(new Problem(400, 'producer-gone', 'it has gone'), null);
  incoming.added(voice);
  incoming.removed(voice.id);
  incoming.added(voice);
  await vi.advanceTimersByTimeAsync(0);
  expect([asked.length, ids()]).toEqual([2, ['p-1']]);
});
