import { waitFor } from '@tandem/common/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../src/protocol/index.ts';
import { type MediaServer, startMediaServer } from './media-server.ts';
import { type Client, setStage } from './support.ts';

const servers: MediaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function start(id: string): Promise<MediaServer> {
  const server = await startMediaServer(id);
  servers.push(server);
  return server;
}

/** Two media servers, two instances of signal; Ada and Bob, each at another one, are in the media server `first`. */
async function inCall() {
  const [a, b] = [await start('a'), await start('b')];
  const stage = await setStage([a.instance, b.instance]);
  const [one, other] = [await stage.start(), await stage.start()];
  const [ada, bob] = [await stage.enter(one.url, 'ada'), await stage.enter(other.url, 'bob')];
  const [hers, his] = [await join(ada), await join(bob)];
  expect(his.placement, 'both are at one').toBe(hers.placement);
  const [first, second] = a.entered.length > 0 ? [a, b] : [b, a];
  expect(first.entered.map(({ participant }) => participant)).toEqual([
    ada.welcome.session,
    bob.welcome.session,
  ]);
  expect(second.entered).toEqual([]);
  return { stage, one, other, ada, bob, first, second, ...hers };
}

async function join(client: Client): Promise<{ peer: string; placement: number }> {
  const answer = await client.call('media.join');
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return answer.result as { peer: string; placement: number };
}

const movedOf = async (client: Client, after: number): Promise<number> => {
  const isMove = (frame: { event: { type: string; placement?: unknown } }) =>
    frame.event.type === 'moved' && Number(frame.event.placement) > after;
  const { event } = await client.next('event', isMove);
  return 'placement' in event ? Number(event.placement) : 0;
};

describe('a call', () => {
  test('moves when its media server drains: everybody is told once, and is at two for a moment', async () => {
    const { stage, ada, bob, first, second, peer, placement } = await inCall();
    await using _ = stage;
    first.load.streams = 0;
    second.load.streams = 300;
    first.drain(true);
    const number = await movedOf(ada, placement);
    expect(await movedOf(bob, placement)).toBe(number);
    const next = await join(ada);
    expect(next.placement).toBe(number);
    expect(second.entered).toMatchObject([{ participant: ada.welcome.session, placement: number }]);
    expect(first.left, 'she is at the former one, too').toEqual([]);
    expect(await ada.call('media.transport', { peer, direction: 'send' })).toMatchObject({ ok: true });
    expect(await ada.call('media.transport', { peer: next.peer, direction: 'send' })).toMatchObject({
      ok: true,
    });
    expect(await ada.call('media.leave', { peer })).toMatchObject({ ok: true });
    await waitFor('she has left the former one', () => first.left.includes(peer));
    expect(await ada.call('media.transport', { peer, direction: 'send' })).toMatchObject({
      refusal: { code: 'no-media' },
    });
    expect(
      [...ada.frames, ...bob.frames].some((frame) => frame.type === 'event' && frame.event.type === 'left'),
    ).toBe(false);
  });

  test('stays where it is while there is nowhere to go, and moves as soon as there is', async () => {
    const { stage, ada, first, second, placement } = await inCall();
    await using _ = stage;
    second.drain(true);
    first.drain(true);
    // It has looked by then: what it is told before the answer to a later request came before it.
    expect(await join(ada)).toMatchObject({ placement });
    second.drain(false);
    expect(await movedOf(ada, placement)).toBeGreaterThan(placement);
  });

  test('does not move any more when the drain is called off', async () => {
    const { stage, ada, first, second, placement } = await inCall();
    await using _ = stage;
    second.load.draining = true;
    first.drain(true);
    first.drain(false);
    second.load.draining = false;
    // Longer than it takes to look again.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await join(ada)).toMatchObject({ placement });
  });

  test('goes elsewhere at once when its media server dies, and the server is avoided for a while', async () => {
    const { stage, ada, bob, first, second, placement } = await inCall();
    await using _ = stage;
    await first.kill();
    const number = await movedOf(ada, placement);
    expect(await movedOf(bob, placement)).toBe(number);
    await ada.next('event', (frame) => frame.from === 'media' && frame.event.type === 'gone');
    expect(await join(ada)).toMatchObject({ placement: number });
    expect(second.entered).toHaveLength(1);
    const redis = stage.redis.connect();
    expect(await redis.keys('media:*:lost')).toEqual([`media:${first.instance.id}:lost`]);
    redis.disconnect();
  });

  test('goes to a server that is too busy to say anything of itself, where there is no other', async () => {
    const { stage, ada, first, second, placement } = await inCall();
    await using _ = stage;
    second.load.silent = true;
    await first.kill();
    await movedOf(ada, placement);
    await join(ada);
    expect(second.entered).toHaveLength(1);
  });

  test('that has lost its instance of signal is told where it is by the next one, which goes on at both places', async () => {
    const { stage, ada, other, first, peer, placement } = await inCall();
    await using _ = stage;
    const { session, token, seen } = ada.welcome;
    ada.socket.terminate();
    const again = await stage.connect(other.url);
    again.send({
      type: 'resume',
      version: PROTOCOL_VERSION,
      session,
      token,
      seen: { ...seen, media: { [peer]: 0 } },
    });
    expect(await again.next('resumed')).toMatchObject({ placement });
    expect(await again.call('media.transport', { peer, direction: 'send' })).toMatchObject({ ok: true });
    first.drain(true);
    expect(await movedOf(again, placement)).toBeGreaterThan(placement);
  });

  test('of a later placement is not entered by an older one', async () => {
    const { stage, ada, first, placement } = await inCall();
    await using _ = stage;
    const redis = stage.redis.connect();
    // As if somebody had placed it anew after this instance looked; the media server knows.
    first.entered.push({ participant: 'x', placement: placement + 10, peer: 'x', others: [] });
    const late = redis.hset('room:r1:placement', 'number', placement + 10);
    const joined = await join(ada).finally(() => late);
    redis.disconnect();
    expect(joined.placement).toBe(placement + 10);
  });
});

test('nobody is let in where there is no media server', async () => {
  await using stage = await setStage([]);
  const { url } = await stage.start();
  const ada = await stage.enter(url, 'ada');
  expect(await ada.call('media.join')).toMatchObject({ refusal: { code: 'unavailable' } });
  expect(await ada.call('media.leave', { peer: 'nobody' })).toMatchObject({ refusal: { code: 'no-media' } });
});
