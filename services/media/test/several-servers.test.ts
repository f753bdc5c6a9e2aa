import {
  type Address,
  type BuiltService,
  createStaticDiscovery,
  defineService,
  noKeys,
} from '@tandem/common';
import { freePorts, waitFor } from '@tandem/common/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { createEventStreams } from '../src/event-streams.ts';
import type { MediaEvent } from '../src/events.ts';
import type { Permission } from '../src/grant.ts';
import { roomFull } from '../src/problems.ts';
import { type Present, Rooms } from '../src/rooms.ts';
import { addSubscriberRoutes } from '../src/subscriber-routes.ts';
import { createWorkerPool, type WorkerPool } from '../src/worker-pool.ts';
import { type Receiver, receive, type Sender, send } from './rtp.ts';
import { workerBin } from './worker-bin.ts';

const bin = workerBin();
const log = pino({ level: 'silent' });

interface Server {
  address: Address;
  rooms: Rooms;
  pool: WorkerPool;
  service: BuiltService;
}

const servers: Server[] = [];

/** A media server as others see it: real workers, real requests, real pipes. */
async function start({ workers = 1 } = {}): Promise<Server> {
  const [listenIp, announcedAddress] = ['127.0.0.1', undefined];
  const ports = await freePorts(workers);
  const pool = createWorkerPool({ count: workers, ports, listenIp, announcedAddress, workerBin: bin, log });
  const rooms = new Rooms(pool, {
    ...{ peersPerRouter: 1, peersPerRoom: 10, peerTimeoutMs: 600_000, log },
    pipes: { protocol: 'udp', ip: '127.0.0.1' },
  });
  const definition = defineService({
    name: 'media',
    description: 'What media servers ask each other',
    tokenKeys: noKeys,
    routes: (app) => addSubscriberRoutes(app, rooms, createEventStreams(app)),
  });
  const service = await definition.build({
    env: { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' },
    discovery: createStaticDiscovery({}),
  });
  const url = new URL(await service.listen());
  const server = { address: { host: url.hostname, port: Number(url.port) }, rooms, pool, service };
  servers.push(server);
  await waitFor('its workers run', () => pool.workers.length === workers);
  return server;
}

async function stop({ rooms, pool, service }: Server): Promise<void> {
  rooms.close();
  pool.close();
  await service.stop();
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop));
});

interface Here extends Present {
  server: Server;
  /** All that is told there. */
  events: MediaEvent[];
}

/** Somebody enters the room at a server, which is told of the others as signal tells it. */
async function enter(server: Server, participant: string, others: Server[], atMost?: number): Promise<Here> {
  const permissions = new Set<Permission>(['receive', 'send']);
  const present = await server.rooms.join(
    { userId: participant, roomId: 'standup', permissions },
    { participant, here: server.address, others: others.map(({ address }) => address), atMost },
  );
  const events: MediaEvent[] = [];
  server.rooms.readEvents(
    present,
    present.peer.events.last,
    ({ event }) => events.push(event),
    () => {},
  );
  return { ...present, server, events };
}

const participantsFor = ({ room, peer }: Here) =>
  room
    .othersOf(peer)
    .peers.map(({ participant }) => participant)
    .sort();

const sourcesFor = ({ room, peer }: Here) =>
  room.othersOf(peer).producers.map(({ participant, source }) => `${participant} ${source}`);

async function consume({ room, peer }: Here, { sending }: Sender, { transport }: Receiver) {
  const { rtpCapabilities } = peer.media.at.router;
  return room.consume(peer, transport, { producerId: sending.producer.id, rtpCapabilities, paused: true });
}

const typesOf = ({ events }: Here) => events.map(({ type }) => type);

/** Ada is at one server, Ben at another. */
async function apart(workers = 1) {
  const [one, other] = [await start({ workers }), await start({ workers })];
  const ada = await enter(one, 'ada', []);
  const ben = await enter(other, 'ben', [one]);
  await waitFor(
    'each knows of the other',
    () => participantsFor(ada).includes('ben') && participantsFor(ben).includes('ada'),
  );
  return { one, other, ada, ben };
}

describe.skipIf(bin === undefined)('a room on several media servers', () => {
  test('lets people see each other: packets come over a pipe once they are wanted, and a key frame is asked for', async () => {
    const { ada, ben } = await apart();
    using sender = await send(ada.room, ada.peer, 'camera');
    await waitFor('Ben is told', () => sourcesFor(ben).includes('ada camera'));
    expect(ada.room.elsewhere.streams).toBe(0);
    using receiver = await receive(ben.peer);
    const consumer = await consume(ben, sender, receiver);
    expect(receiver.packets).toBe(0);
    await consumer.resume();
    await waitFor('packets arrive', () => receiver.packets > 20);
    await waitFor('a key frame was asked for', () => sender.keyFrameRequests > 0);
    expect(ada.room.elsewhere.streams).toBe(1);

    // A second viewer there takes what is there already.
    const eve = await enter(ben.server, 'eve', [ada.server]);
    using second = await receive(eve.peer);
    await (await consume(eve, sender, second)).resume();
    await waitFor('packets arrive there, too', () => second.packets > 20);
    expect(ada.room.elsewhere.streams).toBe(1);
  });

  test('tells what somebody does: muting, going on, sending no more, leaving', async () => {
    const { ada, ben } = await apart();
    const sender = await send(ada.room, ada.peer, 'camera');
    await waitFor('Ben is told', () => sourcesFor(ben).includes('ada camera'));
    using receiver = await receive(ben.peer);
    const consumer = await consume(ben, sender, receiver);
    await consumer.resume();
    for (const paused of [true, false]) {
      await ada.room.setPaused(ada.peer, sender.sending, paused);
      await waitFor('it is paused there, too, or goes on', () => consumer.producerPaused === paused);
      await waitFor('he is told', () =>
        ben.events.some((event) => event.type === 'producer.changed' && event.paused === paused),
      );
    }
    sender[Symbol.dispose]();
    await waitFor('it is gone', () => consumer.closed && sourcesFor(ben).length === 0);
    ada.server.rooms.leave(ada);
    await waitFor('she has left', () => typesOf(ben).includes('peer.left'));
    expect(participantsFor(ben)).toEqual([]);
  });

  test('hears who speaks on each of them', async () => {
    const { ada, ben } = await apart();
    using _sender = await send(ada.room, ada.peer, 'microphone');
    await waitFor('Ben is told who speaks', () =>
      ben.events.some((event) => event.type === 'speaker' && event.participant === 'ada'),
    );
    await waitFor('and how loudly', () =>
      ben.events.some((event) => event.type === 'volumes' && event.volumes[0]?.participant === 'ada'),
    );
  });

  test('spans three: each tells the others of its own people, and of nobody twice', async () => {
    const { one, other, ada, ben } = await apart();
    const eve = await enter(await start(), 'eve', [one, other]);
    await waitFor('all know of all', () =>
      [ada, ben, eve].every((each) => participantsFor(each).length === 2),
    );
    expect(participantsFor(ada)).toEqual(['ben', 'eve']);
    expect(participantsFor(ben)).toEqual(['ada', 'eve']);
    expect(participantsFor(eve)).toEqual(['ada', 'ben']);
  });

  test('loses only the people of the one that is lost', async () => {
    const { one, ada, ben } = await apart();
    using _sender = await send(ada.room, ada.peer, 'camera');
    await waitFor('Ben is told', () => sourcesFor(ben).includes('ada camera'));
    await stop(one);
    await waitFor('what came from there is gone', () => participantsFor(ben).length === 0);
    expect(sourcesFor(ben)).toEqual([]);
    expect(typesOf(ben)).not.toContain('reset');
    // Ada enters the other one.
    const again = await enter(ben.server, 'ada', []);
    using sender = await send(again.room, again.peer, 'camera');
    using receiver = await receive(ben.peer);
    await (await consume(ben, sender, receiver)).resume();
    await waitFor('packets arrive', () => receiver.packets > 5);
  });

  test('offers anew what came over a pipe whose worker died, at either end', async () => {
    const { ada, ben } = await apart(2);
    // At each server the pipe is on the first worker, and the media of whoever comes second on the other one.
    const [eve, zoe] = [await enter(ada.server, 'eve', []), await enter(ben.server, 'zoe', [])];
    using sender = await send(eve.room, eve.peer, 'camera');
    await waitFor('Zoe is told', () => sourcesFor(zoe).includes('eve camera'));
    using receiver = await receive(zoe.peer);
    await (await consume(zoe, sender, receiver)).resume();
    await waitFor('packets arrive', () => receiver.packets > 5);
    for (const first of [ada, ben]) {
      const offered = () => typesOf(zoe).filter((type) => type === 'producer.added').length;
      const [before, packets] = [offered(), receiver.packets];
      process.kill(first.peer.media.at.media.worker.pid, 'SIGKILL');
      await waitFor('it is offered anew', () => offered() > before);
      await waitFor('it can be had', async () => {
        const again = await consume(zoe, sender, receiver).catch(() => null);
        await again?.resume();
        return again !== null || null;
      });
      await waitFor('packets arrive again', () => receiver.packets > packets + 5);
    }
  });

  test('is told nothing of somebody who is there twice while they move', async () => {
    const { one, other, ada, ben } = await apart();
    using _sender = await send(ada.room, ada.peer, 'camera');
    await waitFor('Ben is told', () => sourcesFor(ben).includes('ada camera'));
    const again = await enter(other, 'ada', [one]);
    expect(sourcesFor(again)).toEqual([]);
    expect(participantsFor(again)).toEqual(['ben']);
    expect(typesOf(again)).not.toContain('producer.added');
  });

  test('takes no more people at one than it should, but whoever comes back', async () => {
    const server = await start();
    await enter(server, 'ada', [], 1);
    await expect(enter(server, 'ben', [], 1)).rejects.toThrow(roomFull.title);
    await enter(server, 'ada', [], 1);
    await enter(server, 'ben', []);
  });

  test('is not followed where nobody of it is, nor without the token', async () => {
    const [one, { ada, ben }] = [await start(), await apart()];
    const ask = (server: Server, path: string, method = 'POST', token = 'x') =>
      fetch(
        `http://${server.address.host}:${server.address.port}/internal/rooms/standup/subscribers${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          },
          ...(method === 'POST' ? { body: JSON.stringify({ from: one.address, to: server.address }) } : {}),
        },
      );
    expect((await ask(one, '')).status).toBe(404);
    const begun = (await (await ask(ada.server, '')).json()) as { subscriber: string; token: string };
    expect((await ask(ada.server, `/${begun.subscriber}`, 'DELETE')).status).toBe(401);
    expect((await ask(ada.server, `/${begun.subscriber}`, 'DELETE', begun.token)).status).toBe(204);
    expect((await ask(ada.server, `/${begun.subscriber}`, 'DELETE', begun.token)).status).toBe(401);
    expect(participantsFor(ben)).toEqual(['ada']);
  });
});
