import { freePorts, waitFor } from '@tandem/common/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { MediaEvent } from '../src/events.ts';
import type { Permission } from '../src/grant.ts';
import type { Peer } from '../src/peer.ts';
import { Rooms, type RoomsOptions } from '../src/rooms.ts';
import { createWorkerPool, type WorkerPool } from '../src/worker-pool.ts';
import { type Receiver, receive, type Sender, send } from './rtp.ts';
import { workerBin } from './worker-bin.ts';

const bin = workerBin();
let pool: WorkerPool;
let rooms: Rooms;

afterEach(() => {
  rooms?.close();
  pool?.close();
});

/** Real workers, and real packets through them. Each peer has a worker of its own, unless a test says otherwise. */
describe.skipIf(bin === undefined)('rooms', () => {
  async function start(options: Partial<RoomsOptions> = {}) {
    pool = createWorkerPool({
      count: 2,
      ports: await freePorts(2),
      listenIp: '127.0.0.1',
      announcedAddress: undefined,
      workerBin: bin,
      log: pino({ level: 'silent' }),
    });
    rooms = new Rooms(pool, {
      ...{ peersPerRouter: 1, peersPerRoom: 10, peerTimeoutMs: 600_000 },
      ...{ pipes: { protocol: 'udp', ip: '127.0.0.1' }, log: pino({ level: 'silent' }) },
      ...options,
    });
    await waitFor('both workers run', () => pool.workers.length === 2);
  }

  const enter = (userId: string) =>
    rooms.join({ userId, roomId: 'standup', permissions: new Set<Permission>(['receive', 'send']) });

  /** All that a peer is told from now on. */
  function told(present: Awaited<ReturnType<typeof enter>>): MediaEvent[] {
    const events: MediaEvent[] = [];
    rooms.readEvents(
      present,
      present.peer.events.last,
      ({ event }) => events.push(event),
      () => {},
    );
    return events;
  }

  const typesOf = (events: MediaEvent[]) => events.map(({ type }) => type);

  /** Ada sends, Ben receives. */
  async function call(source: 'camera' | 'microphone') {
    const [ada, ben] = [await enter('ada'), await enter('ben')];
    const sender = await send(ada.room, ada.peer, source);
    const receiver = await receive(ben.peer);
    const consumer = await consume(ben, sender, receiver);
    return { ada, ben, sender, receiver, consumer };
  }

  function consume(present: Awaited<ReturnType<typeof enter>>, { sending }: Sender, { transport }: Receiver) {
    const { rtpCapabilities } = present.peer.media.at.router;
    return present.room.consume(present.peer, transport, {
      producerId: sending.producer.id,
      rtpCapabilities,
      paused: true,
    });
  }

  test('what is sent on one worker arrives on another, from the moment the viewer is ready, with a key frame', async () => {
    await start();
    const { ada, ben, sender, receiver, consumer } = await call('camera');
    expect(ada.peer.media.at.media).not.toBe(ben.peer.media.at.media);

    await waitFor('packets reach the server', () => (sender.sending.producer.score[0]?.score ?? 0) > 0);
    expect(receiver.packets).toBe(0);
    await consumer.resume();
    await waitFor('packets arrive', () => receiver.packets > 20);
    await waitFor('a key frame was asked for', () => sender.keyFrameRequests > 0);

    // A third one on Ben's worker takes what is there already.
    const eve = await enter('eve');
    using second = await receive(eve.peer);
    await (await consume(eve, sender, second)).resume();
    await waitFor('packets arrive there too', () => second.packets > 20);
    sender[Symbol.dispose]();
    receiver[Symbol.dispose]();
  });

  test('the others hear how what somebody sends arrives, once whenever that changes', async () => {
    await start({ peersPerRouter: 10 });
    const [ada, ben] = [await enter('ada'), await enter('ben')];
    const events = told(ben);
    using sender = await send(ada.room, ada.peer, 'camera');
    const { id } = sender.sending.producer;
    await waitFor('packets arrive', () => (sender.sending.producer.score[0]?.score ?? 0) > 0);
    sender.isLossy = true;
    const qualities = () => events.filter(({ type }) => type === 'producer.quality');
    await waitFor('that little arrives is told', () => qualities().length > 0);
    await waitFor('it is poor', () => ada.peer.producerView(sender.sending).quality === 'poor');
    expect(qualities().at(-1)).toEqual({ type: 'producer.quality', producer: id, quality: 'poor' });
    sender.isLossy = false;
    await waitFor('all is well again', () => ada.peer.producerView(sender.sending).quality === 'good');
    expect(qualities().at(-1)).toEqual({ type: 'producer.quality', producer: id, quality: 'good' });
  });

  test('the others hear of coming, sending, muting, and leaving', async () => {
    await start({ peersPerRouter: 10 });
    const ben = await enter('ben');
    const events = told(ben);
    const ada = await enter('ada');
    const sender = await send(ada.room, ada.peer, 'microphone');
    const { sending } = sender;
    await ada.room.setPaused(ada.peer, sending, true);
    await ada.room.setPaused(ada.peer, sending, true);
    sender[Symbol.dispose]();
    rooms.leave(ada);
    const lasting = events.filter(({ type }) => type !== 'volumes' && type !== 'speaker');
    const { id } = sending.producer;
    expect(lasting).toEqual([
      { type: 'peer.joined', peer: { id: ada.peer.id, participant: ada.peer.id, user: 'ada' } },
      {
        type: 'producer.added',
        producer: {
          ...{ id, peer: ada.peer.id, participant: ada.peer.id, user: 'ada' },
          ...{ kind: 'audio', source: 'microphone', paused: false, quality: 'good' },
        },
      },
      { type: 'producer.changed', producer: id, paused: true },
      { type: 'producer.removed', producer: id },
      { type: 'peer.left', peer: ada.peer.id },
    ]);
  });

  test('whoever speaks is known on every worker', async () => {
    await start();
    const [home, ada] = [await enter('home'), await enter('ada')];
    const events = told(home);
    using _sender = await send(ada.room, ada.peer, 'microphone');
    const speaker = { type: 'speaker', peer: ada.peer.id, participant: ada.peer.participant };
    await waitFor('Ada is the speaker', () => events.some((event) => matches(event, speaker)));
    await waitFor('her loudness is told', () =>
      events.some(({ ...event }) => event.type === 'volumes' && event.volumes[0]?.peer === ada.peer.id),
    );
  });

  test('whoever is asked to go elsewhere is waited for, as long as there is time', async () => {
    await start();
    const ada = await enter('ada');
    rooms.drain(true);
    await rooms.empty(AbortSignal.timeout(50));
    expect(rooms.calls()).toEqual([{ room: 'standup', people: 1 }]);
    const emptied = rooms.empty(AbortSignal.timeout(60_000));
    rooms.leave(ada);
    await emptied;
    expect(rooms.count()).toEqual({ rooms: 0, peers: 0, streams: 0 });
  });

  test('when a worker is killed its peers are told at once and go on elsewhere; the others stay', async () => {
    await start();
    const { ada, ben, sender, receiver, consumer } = await call('camera');
    await consumer.resume();
    await waitFor('packets arrive', () => receiver.packets > 5);
    const [adas, bens] = [told(ada), told(ben)];
    const bensTransport = receiver.transport;

    process.kill(ada.peer.media.at.media.worker.pid, 'SIGKILL');
    await waitFor('Ada is told', () => typesOf(adas).includes('reset'));
    for (const type of ['producer.removed', 'consumer.removed'])
      await waitFor(`Ben is told: ${type}`, () => typesOf(bens).some((each) => each === type));
    expect(typesOf(bens)).not.toContain('reset');
    expect(typesOf(bens)).not.toContain('peer.left');
    expect(bensTransport.closed).toBe(false);
    sender[Symbol.dispose]();

    using again = await send(ada.room, ada.peer, 'camera');
    const before = receiver.packets;
    await (await consume(ben, again, receiver)).resume();
    await waitFor('packets arrive again', () => receiver.packets > before + 5);
    await waitFor('both workers run again', () => pool.workers.length === 2);
    receiver[Symbol.dispose]();
  });

  test('when every worker is killed, everybody goes on once one runs again', async () => {
    await start();
    const { ada, ben } = await call('microphone');
    const all = [told(ada), told(ben)];
    for (const { worker } of [...pool.workers]) process.kill(worker.pid, 'SIGKILL');
    for (const events of all) await waitFor('both are told', () => typesOf(events).includes('reset'));
    using sender = await send(ada.room, ada.peer, 'camera');
    using receiver = await receive(ben.peer);
    await (await consume(ben, sender, receiver)).resume();
    await waitFor('packets arrive', () => receiver.packets > 5);
  });

  test('a room takes as many as it may, also of those who come at once, and is gone with the last', async () => {
    await start({ peersPerRoom: 3 });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(enter));
    const inside = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(inside).toHaveLength(3);
    expect(
      outcomes.filter((each) => each.status === 'rejected').map(({ reason }) => reason.type.code),
    ).toEqual(['room-full', 'room-full']);
    expect(pool.workers.map(({ peers }) => peers).sort()).toEqual([1, 2]);
    const { router } = inside[0]?.peer.media.at ?? {};
    for (const present of inside) rooms.leave(present);
    expect(router?.closed).toBe(true);
    expect(pool.workers.map(({ peers }) => peers)).toEqual([0, 0]);
  });

  test('who stops reading events has left after a while; who comes back in time has not', async () => {
    await start({ peerTimeoutMs: 300, peersPerRouter: 10 });
    const ada = await enter('ada');
    const events = told(ada);
    const ben = await enter('ben');
    const stop = rooms.readEvents(
      ben,
      0,
      () => {},
      () => {},
    );
    stop();
    rooms.readEvents(
      ben,
      0,
      () => {},
      () => {},
    )();
    await waitFor('Ben has left', () =>
      events.some((each) => matches(each, { type: 'peer.left', peer: ben.peer.id })),
    );
    expect(has(ada.peer)).toBe(true);
    expect(has(ben.peer)).toBe(false);

    function has(peer: Peer): boolean {
      return ada.room.peers.has(peer.id);
    }
  });
});

const matches = (event: MediaEvent, wanted: object) => JSON.stringify(event) === JSON.stringify(wanted);
