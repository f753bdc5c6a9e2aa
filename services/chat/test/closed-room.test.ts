import { declareQueues, sharedRabbitmq, startProducer, waitFor } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { roomClosed } from '../src/contracts/rooms.ts';
import { newId, startChat } from './support.ts';

test('what was written in a room that is closed for good is gone, and nothing can be added', async () => {
  await using rabbitmq = await sharedRabbitmq();
  const QUEUES = await declareQueues(rabbitmq.url, [{ queue: 'chat', events: ['room.closed'] }]);
  await using rooms = await startProducer(rabbitmq.url, [roomClosed]);
  await using chat = await startChat({ RABBITMQ_URL: rabbitmq.url, QUEUES });
  const [claims, other] = [{ room: newId() }, { room: newId() }];
  const grant = chat.grant('ada', claims);
  const count = async (authorization: string) =>
    (await chat.send('GET', '/api/chat/messages', authorization)).body.messages.length;
  await chat.write('ada', 'Hello', newId(), claims);
  await chat.write('ada', 'Hello', newId(), other);

  await rooms.publish(roomClosed({ id: claims.room, closedAt: '2026-01-01T00:00:00.000Z' }));

  await waitFor('it is forgotten', async () => (await count(grant)) === 0 || null);
  expect(await count(chat.grant('ada', other))).toBe(1);
  expect(await chat.write('ada', 'Still there?', newId(), claims)).toMatchObject({
    status: 410,
    code: 'room-closed',
  });
});
