import { waitFor } from '@tandem/common/testing';
import { describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../src/protocol/index.ts';
import { happened, namesOf, setStage } from './support.ts';

test('where there is no TURN server none is named, and the call goes on', async () => {
  await using stage = await setStage();
  const ada = await stage.enter((await stage.start()).url, 'ada');
  expect(await ada.call('self.ice-servers')).toMatchObject({ ok: true, result: { iceServers: [] } });
});

describe('people of a room', () => {
  test('see each other come, change and go, on whichever instance they are', async () => {
    await using stage = await setStage();
    const [one, other] = [await stage.start(), await stage.start()];
    const ada = await stage.enter(one.url, 'ada', { role: 'moderator' });
    expect(namesOf(ada.welcome.participants)).toEqual(['ada']);
    const bob = await stage.enter(other.url, 'bob');
    expect(namesOf(bob.welcome.participants)).toEqual(['ada', 'bob']);
    const joined = await ada.next(
      'event',
      happened('joined', (event) => event.type === 'joined' && event.participant.user === 'bob'),
    );
    expect(joined.event).toMatchObject({
      participant: {
        id: bob.welcome.session,
        name: 'Name of bob',
        role: 'participant',
        hand: false,
      },
    });

    expect(await bob.call('self.hand', { raised: true })).toMatchObject({ ok: true });
    expect((await ada.next('event', happened('changed'))).event).toMatchObject({
      participant: { hand: true },
    });
    expect(await bob.call('self.react', { emoji: '👏' })).toMatchObject({ ok: true });
    expect((await ada.next('event', happened('reaction'))).event).toMatchObject({ emoji: '👏' });
    const said = { line: 0, text: 'Good morning.', final: true };
    expect(await bob.call('self.caption', said)).toMatchObject({ ok: true });
    expect((await ada.next('event', happened('caption'))).event).toMatchObject({
      participant: bob.welcome.session,
      ...said,
    });

    expect(await bob.call('self.leave')).toMatchObject({ ok: true });
    expect(await bob.closed()).toBe(4003);
    expect((await ada.next('event', happened('left'))).event).toMatchObject({
      participant: bob.welcome.session,
      why: 'left',
    });
    const eve = await stage.enter(one.url, 'eve');
    expect(namesOf(eve.welcome.participants)).toEqual(['ada', 'eve']);
  });

  test('of one room know nothing of another', async () => {
    await using stage = await setStage();
    const { url } = await stage.start();
    const ada = await stage.enter(url, 'ada');
    const bob = await stage.enter(url, 'bob', { room: 'r2' });
    expect(namesOf(bob.welcome.participants)).toEqual(['bob']);
    await bob.call('self.react', { emoji: '👏' });
    await ada.call('self.react', { emoji: '👋' });
    await ada.next('event', happened('reaction'));
    expect(ada.frames.filter(happenedIn('reaction'))).toHaveLength(1);
  });

  test('become moderators by a later grant, here and on the instance where they resume', async () => {
    await using stage = await setStage();
    const [one, other] = [await stage.start(), await stage.start()];
    const permissions = ['receive', 'send', 'moderate'];
    const ada = await stage.enter(one.url, 'ada', { role: 'moderator', permissions });
    const bob = await stage.enter(one.url, 'bob');
    const [bobId, adaId] = [bob.welcome.session, ada.welcome.session];
    expect(await bob.call('moderate.rights', { participant: adaId })).toMatchObject({
      refusal: { code: 'not-permitted' },
    });
    expect(await ada.call('moderate.rights', { participant: bobId })).toMatchObject({ ok: true });
    expect((await bob.next('event', happened('rights'))).event).toMatchObject({ participant: bobId });

    for (const grant of [
      stage.grant('ada', { role: 'moderator', permissions }),
      stage.grant('bob', { role: 'moderator', permissions, room: 'r2' }),
      stage.grant('bob', { role: 'lobby', permissions: [] }),
      'nonsense',
    ])
      expect(await bob.call('self.grant', { grant })).toMatchObject({ refusal: { code: 'grant-refused' } });
    const mute = { participant: adaId, source: 'microphone' };
    expect(await bob.call('moderate.mute', mute)).toMatchObject({ ok: false });

    const grant = stage.grant('bob', { role: 'moderator', permissions });
    expect(await bob.call('self.grant', { grant })).toMatchObject({ ok: true, result: { permissions } });
    expect((await ada.next('event', happened('changed'))).event).toMatchObject({
      participant: { id: bobId, role: 'moderator' },
    });
    expect(await bob.call('moderate.mute', mute)).toMatchObject({ ok: true });

    const again = await stage.connect(other.url);
    const { session, token, seen } = bob.welcome;
    again.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen });
    await again.next('resumed');
    expect(await again.call('moderate.mute', mute)).toMatchObject({ ok: true });
  });

  test('are muted and removed by moderators, and by nobody else', async () => {
    await using stage = await setStage();
    const { url } = await stage.start();
    const permissions = ['receive', 'send', 'moderate'];
    const ada = await stage.enter(url, 'ada', { role: 'moderator', permissions });
    const bob = await stage.enter(url, 'bob');
    const [bobId, adaId] = [bob.welcome.session, ada.welcome.session];
    for (const method of ['moderate.mute', 'moderate.remove']) {
      const params = { participant: adaId, ...(method === 'moderate.mute' ? { source: 'microphone' } : {}) };
      expect(await bob.call(method, params)).toMatchObject({ ok: false, refusal: { code: 'not-permitted' } });
    }
    expect(await ada.call('moderate.mute', { participant: bobId, source: 'microphone' })).toMatchObject({
      ok: true,
    });
    expect((await bob.next('event', happened('muted'))).event).toMatchObject({
      by: adaId,
      source: 'microphone',
    });
    expect(await ada.call('moderate.remove', { participant: bobId })).toMatchObject({ ok: true });
    expect(await bob.next('bye')).toMatchObject({ reason: 'removed' });
    expect(await bob.closed()).toBe(4002);
    expect(await ada.call('moderate.remove', { participant: bobId })).toMatchObject({
      refusal: { code: 'participant-unknown' },
    });
    bob.socket.terminate();
    const again = await stage.connect(url);
    again.send({
      type: 'resume',
      version: PROTOCOL_VERSION,
      session: bobId,
      token: bob.welcome.token,
      seen: bob.welcome.seen,
    });
    expect(await again.next('bye')).toMatchObject({ reason: 'ended' });
  });

  test('are not let in where the room is full', async () => {
    await using stage = await setStage();
    const { url } = await stage.start({ PEOPLE_PER_ROOM: '1' });
    await stage.enter(url, 'ada');
    const bob = await stage.connect(url);
    bob.send({ type: 'hello', version: PROTOCOL_VERSION, grant: stage.grant('bob') });
    expect(await bob.next('bye')).toMatchObject({ reason: 'refused', refusal: { code: 'room-full' } });
  });
});

describe('a session', () => {
  test('goes on at another instance with what was missed, when its instance dies', async () => {
    await using stage = await setStage();
    const [one, other] = [await stage.start(), await stage.start()];
    const ada = await stage.enter(one.url, 'ada');
    const bob = await stage.enter(other.url, 'bob');
    await ada.next(
      'event',
      happened('joined', (event) => event.type === 'joined' && event.participant.user === 'bob'),
    );
    const last = ada.frames.filter((frame) => frame.type === 'event').at(-1);
    ada.socket.terminate();
    await bob.call('self.hand', { raised: true });
    await bob.call('self.react', { emoji: '🎉' });

    const again = await stage.connect(other.url);
    const seen = { room: String(last?.seen), media: {} };
    again.send({
      type: 'resume',
      version: PROTOCOL_VERSION,
      session: ada.welcome.session,
      token: ada.welcome.token,
      seen,
    });
    expect(await again.next('resumed')).toMatchObject({ participants: null });
    await again.next('event', happened('reaction'));
    expect(again.frames.filter((frame) => frame.type === 'event').map(({ event }) => event.type)).toEqual([
      'changed',
      'reaction',
    ]);
    expect(bob.frames.some(happenedIn('left')), 'nobody was told that ada left').toBe(false);
    expect(await again.call('self.react', { emoji: '👋' })).toMatchObject({ ok: true });
  });

  test('is told to move when its instance stops, and loses nothing by that', async () => {
    await using stage = await setStage();
    const [one, other] = [await stage.start(), await stage.start()];
    const ada = await stage.enter(one.url, 'ada');
    const bob = await stage.enter(other.url, 'bob');
    await one.service.stop();
    expect(await ada.next('bye')).toMatchObject({ reason: 'moving' });
    expect(await ada.closed()).toBe(1012);
    const again = await stage.connect(other.url);
    const { session, token, seen } = ada.welcome;
    again.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen });
    await again.next('resumed');
    expect((await again.next('event', happened('joined'))).event).toMatchObject({
      participant: { user: 'bob' },
    });
    expect(bob.frames.some(happenedIn('left'))).toBe(false);
  });

  test('belongs to the last connection that took it', async () => {
    await using stage = await setStage();
    const { url } = await stage.start({ RESUME_WITHIN_MS: '2000' });
    const ada = await stage.enter(url, 'ada');
    const { session, token, seen } = ada.welcome;
    const second = await stage.connect(url);
    second.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen });
    await second.next('resumed');
    expect(await ada.next('bye')).toMatchObject({ reason: 'replaced' });
    expect(await second.call('self.hand', { raised: true })).toMatchObject({ ok: true });
  });

  test('of somebody who does not come back in time ends, and the others are told', async () => {
    await using stage = await setStage();
    const { url } = await stage.start({ RESUME_WITHIN_MS: '1000' });
    const ada = await stage.enter(url, 'ada');
    const bob = await stage.enter(url, 'bob');
    bob.socket.terminate();
    expect((await ada.next('event', happened('left'))).event).toMatchObject({
      participant: bob.welcome.session,
      why: 'lost',
    });
    const again = await stage.connect(url);
    const { session, token, seen } = bob.welcome;
    again.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen });
    expect(await again.next('bye')).toMatchObject({ reason: 'ended' });
  });

  test('survives Redis: what is asked meanwhile is refused, and nobody leaves', async () => {
    await using stage = await setStage();
    const { url } = await stage.start();
    const ada = await stage.enter(url, 'ada');
    const bob = await stage.enter(url, 'bob');
    await stage.redis.kill();
    expect(await ada.call('self.hand', { raised: true })).toMatchObject({ refusal: { code: 'unavailable' } });
    await stage.redis.start();
    // Asking without end would be refused for good.
    await waitFor('Redis is back', async () => (await fetch(`${url}/healthz/ready`)).ok);
    await waitFor('it goes on', async () => {
      const answer = await ada.call('self.hand', { raised: true });
      return answer.ok || null;
    });
    expect((await bob.next('event', happened('changed'))).event).toMatchObject({
      participant: { hand: true },
    });
    expect([...ada.frames, ...bob.frames].some(happenedIn('left'))).toBe(false);
  });

  test('that was away for longer than events are kept gets the room as it is', async () => {
    await using stage = await setStage();
    const { url } = await stage.start();
    const ada = await stage.enter(url, 'ada');
    const bob = await stage.enter(url, 'bob');
    ada.socket.terminate();
    const redis = stage.redis.connect();
    await redis.xtrim('room:r1:events', 'MAXLEN', 1);
    await redis.quit();
    await bob.call('self.hand', { raised: true });
    const again = await stage.connect(url);
    const { session, token, seen } = ada.welcome;
    again.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen });
    const { participants } = await again.next('resumed');
    expect(namesOf(participants ?? [])).toEqual(['ada', 'bob']);
    expect(participants?.find(({ user }) => user === 'bob')?.hand).toBe(true);
  });
});

const happenedIn = (type: string) => (frame: { type: string }) =>
  frame.type === 'event' && 'event' in frame && (frame.event as { type: string }).type === type;
