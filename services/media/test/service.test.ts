import { get } from 'node:http';
import { fuzz, waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cameraParameters,
  type Joined,
  microphoneParameters,
  nobody,
  ROOM,
  type Running,
  startMedia,
} from './support.ts';
import { workerBin } from './worker-bin.ts';

/** The interface to signalling, with a real worker behind it. */
describe.skipIf(workerBin() === undefined)('media', () => {
  let running: Running;
  let url: string;

  beforeAll(async () => {
    running = await startMedia({ PEER_TIMEOUT_MS: '600000', LOG_LEVEL: 'info' });
    url = await running.service.listen();
  });

  afterAll(() => running[Symbol.asyncDispose]());

  async function transportOf(peer: Joined, direction: 'send' | 'receive'): Promise<string> {
    const { status, body } = await peer.send('POST', '/transports', { direction });
    expect(status).toBe(201);
    return body.id;
  }

  async function sendCamera(peer: Joined): Promise<string> {
    const transport = await transportOf(peer, 'send');
    const { status, body } = await peer.send('POST', '/producers', {
      transport,
      source: 'camera',
      rtpParameters: cameraParameters,
    });
    expect(status).toBe(201);
    return body.id;
  }

  const consume = async (peer: Joined, transport: string, producer: string) =>
    peer.send('POST', '/consumers', { transport, producer, rtpCapabilities: peer.state.rtpCapabilities });

  test.each([
    ['no grant', () => undefined],
    ['an access token', () => running.issuer.authorization('ada')],
    ['a grant for another room', () => running.grant('ada', 'x'.repeat(22))],
    ['a grant that was tampered with', () => `${running.grant('ada', ROOM)}x`],
  ])('%s lets nobody in', async (_name, authorization) => {
    const answer = await running.send('POST', `/api/media/rooms/${ROOM}/peers`, authorization(), {});
    expect(answer).toMatchObject({ status: 401, code: 'grant-refused' });
  });

  test('a grant from the lobby permits nothing', async () => {
    const answer = await running.send(
      'POST',
      `/api/media/rooms/${ROOM}/peers`,
      running.grant('ada', ROOM, []),
      {},
    );
    expect(answer).toMatchObject({ status: 403, code: 'not-permitted' });
  });

  test('a peer is known by its token only, and no more once it has left', async () => {
    const [ada, ben] = [await running.join('ada'), await running.join('ben')];
    expect(await running.send('GET', `/api/media/peers/${ada.id}`)).toMatchObject({ code: 'peer-unknown' });
    expect(await running.send('GET', `/api/media/peers/${ada.id}`, ben.authorization)).toMatchObject({
      code: 'peer-unknown',
    });
    expect(await running.send('GET', `/api/media/peers/${nobody()}`, ada.authorization)).toMatchObject({
      code: 'peer-unknown',
    });
    expect((await ada.send('DELETE', '')).status).toBe(204);
    expect(await ada.send('GET', '')).toMatchObject({ status: 401, code: 'peer-unknown' });
    await ben.send('DELETE', '');
  });

  test('one sends in three sizes, the other receives them, first paused', async () => {
    const [ada, ben] = [await running.join('ada'), await running.join('ben')];
    const producer = await sendCamera(ada);
    const { body: state } = await ben.send('GET', '');
    expect(state.producers).toEqual([
      {
        ...{ id: producer, peer: ada.id, participant: ada.id, user: 'ada' },
        ...{ kind: 'video', source: 'camera', paused: false, quality: 'good' },
      },
    ]);
    expect(state.peers).toEqual([{ id: ada.id, participant: ada.id, user: 'ada', name: 'ada' }]);
    const consumer = await consume(ben, await transportOf(ben, 'receive'), producer);
    expect(consumer).toMatchObject({ status: 201, body: { producer, kind: 'video', type: 'simulcast' } });
    const path = `/consumers/${consumer.body.id}`;
    expect((await ben.send('PATCH', path, { layers: { spatialLayer: 1 }, paused: false })).status).toBe(204);
    expect((await ben.send('PATCH', path, { keyFrame: true, priority: 200 })).status).toBe(204);
    expect((await ben.send('GET', `${path}/stats`)).body.stats[0]).toMatchObject({ type: 'outbound-rtp' });
    expect((await ben.send('DELETE', path)).status).toBe(204);
    expect(await ben.send('DELETE', path)).toMatchObject({ status: 404, code: 'media-not-found' });
    for (const peer of [ada, ben]) await peer.send('DELETE', '');
  });

  test('what the grant does not permit is refused', async () => {
    const [ada, viewer] = [await running.join('ada'), await running.join('viewer', ['receive'])];
    const producer = await sendCamera(ada);
    const rtpParameters = cameraParameters;
    const transport = await transportOf(viewer, 'send');
    for (const source of ['camera', 'screen']) {
      const answer = await viewer.send('POST', '/producers', { transport, source, rtpParameters });
      expect(answer).toMatchObject({ status: 403, code: 'not-permitted' });
    }
    const mute = await running.join('mute', ['send']);
    expect(await mute.send('POST', '/transports', { direction: 'receive' })).toMatchObject({ status: 403 });
    expect(await consume(mute, await transportOf(mute, 'send'), producer)).toMatchObject({ status: 403 });
    for (const peer of [ada, viewer, mute]) await peer.send('DELETE', '');
  });

  test('what makes no sense is refused, and nothing is lost by it', async () => {
    const ada = await running.join('ada');
    const transport = await transportOf(ada, 'send');
    const produce = (source: string, rtpParameters: object) =>
      ada.send('POST', '/producers', { transport, source, rtpParameters });
    expect(await produce('camera', microphoneParameters)).toMatchObject({ code: 'media-refused' });
    expect(await produce('camera', { ...cameraParameters, encodings: [] })).toMatchObject({ status: 422 });
    expect(await produce('camera', { ...cameraParameters, codecs: [] })).toMatchObject({ status: 422 });
    const unknown = { ...cameraParameters.codecs[0], mimeType: 'video/H262' };
    expect(await produce('camera', { ...cameraParameters, codecs: [unknown] })).toMatchObject({
      code: 'media-refused',
    });
    const connect = (value: string) =>
      ada.send('POST', `/transports/${transport}/connect`, {
        dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value }] },
      });
    expect(await connect('no fingerprint')).toMatchObject({ code: 'invalid-request' });
    expect(await produce('camera', cameraParameters)).toMatchObject({ status: 201 });
    expect(await produce('camera', cameraParameters)).toMatchObject({ code: 'too-many' });
    expect(await produce('microphone', microphoneParameters)).toMatchObject({ status: 201 });
    expect(await consume(ada, transport, nobody())).toMatchObject({ code: 'wrong-transport' });
    expect(await consume(ada, await transportOf(ada, 'receive'), nobody())).toMatchObject({
      code: 'producer-gone',
    });
    await ada.send('DELETE', '');
  });

  test('a peer has four transports at most, also when it asks for many at once', async () => {
    const ada = await running.join('ada');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ada.send('POST', '/transports', { direction: 'send' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    expect(answers.filter(({ code }) => code === 'too-many')).toHaveLength(6);
    await ada.send('DELETE', '');
  });

  test('whoever comes says as whom, and has the transports at once; an older placement is refused', async () => {
    const path = `/api/media/rooms/${ROOM}/peers`;
    const enter = (placement: number, permissions?: string[]) =>
      running.send('POST', path, running.grant('ada', ROOM, permissions), {
        ...{ participant: 's1', placement, transports: true },
      });
    const first = await enter(7);
    expect(first).toMatchObject({
      status: 201,
      body: { transports: { send: { id: expect.any(String) }, receive: { id: expect.any(String) } } },
    });
    expect((await enter(8, ['send'])).body.transports.receive).toBeNull();
    expect(await enter(7)).toMatchObject({ status: 409, code: 'placement-stale' });
    expect((await running.send('GET', '/internal/calls')).body).toEqual({
      draining: false,
      // Who moves is there twice for a moment, and is one all the same.
      calls: [{ room: ROOM, people: 1 }],
    });
    await running.send('DELETE', `/api/media/peers/${first.body.peer}`, `Bearer ${first.body.token}`);
  });

  test('a drain is told to everybody who listens, also later, and can be called off', async () => {
    const [ada, ben] = [await running.join('ada'), await running.join('ben')];
    const hers = listen(ada);
    await waitFor('Ada listens', () => hers.lines.length > 0);
    expect((await running.send('PUT', '/internal/drain')).body).toMatchObject({ draining: true });
    await waitFor('Ada is told', () => hers.lines.join().includes('"draining":true'));
    const his = listen(ben);
    await waitFor('Ben is told', () => his.lines.join().includes('"draining":true'));
    expect((await running.send('GET', '/internal/load')).body).toMatchObject({ draining: true, workers: 1 });
    await running.send('DELETE', '/internal/drain');
    await waitFor('it is called off', () => his.lines.join().includes('"draining":false'));
    expect((await running.send('GET', '/internal/load')).body).toMatchObject({ draining: false });
    for (const each of [hers, his]) each.stop();
    for (const peer of [ada, ben]) await peer.send('DELETE', '');
  });

  test('events are read as they come, and after a break from where it was', async () => {
    const ben = await running.join('ben');
    const first = listen(ben);
    const ada = await running.join('ada');
    await waitFor('Ben hears of Ada', () => first.lines.some((line) => line.includes('peer.joined')));
    first.stop();
    const producer = await sendCamera(ada);
    const second = listen(ben, '1');
    await waitFor('Ben hears of the camera', () => second.lines.some((line) => line.includes(producer)));
    expect(second.lines.filter((line) => line.startsWith('id:'))).toEqual(['id: 2']);
    expect(second.lines.join('\n')).not.toContain('peer.joined');

    process.kill(workerPid(), 'SIGKILL');
    await waitFor('Ben is told to begin anew', () => second.lines.some((line) => line.includes('"reset"')));
    await waitFor('the worker runs again', async () => (await fetch(`${url}/healthz/ready`)).status === 200);
    await sendCamera(ada);
    second.stop();
    for (const peer of [ada, ben]) await peer.send('DELETE', '');
  });

  test('no generated request makes a route of media fail or answer what its OpenAPI does not say', async () => {
    const ada = await running.join('ada');
    await running.join('ben');
    const producer = await sendCamera(ada);
    const routes = await fuzz(running.service.app, {
      authorization: ada.authorization,
      runs: 30,
      known: {
        peer: [ada.id],
        room: [ROOM],
        producer: [producer],
        transport: [await transportOf(ada, 'receive')],
      },
    });
    const reached = new Map(routes.map(({ method, path, statuses }) => [`${method} ${path}`, statuses]));
    expect(reached.get('POST /api/media/peers/{peer}/transports')).toContain(201);
  }, 240_000);

  /** The events of a peer, line by line. */
  function listen(peer: Joined, after?: string): { readonly lines: string[]; stop(): void } {
    let text = '';
    const seen = after === undefined ? {} : { 'last-event-id': after };
    const headers = { accept: 'text/event-stream', authorization: peer.authorization, ...seen };
    const request = get(`${url}/api/media/peers/${peer.id}/events`, { headers }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      // It is broken off below.
      response.on('error', () => {});
    });
    request.on('error', () => {});
    return {
      get lines() {
        return text.split('\n');
      },
      stop: () => request.destroy(),
    };
  }

  function workerPid(): number {
    const started = running.log.lines.findLast(({ msg }) => msg === 'a media worker runs');
    return Number(started?.pid);
  }
});
