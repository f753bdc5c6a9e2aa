import { afterEach, describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../src/protocol/index.ts';
import { type MediaServer, startMediaServer } from './media-server.ts';
import { type Client, setStage } from './support.ts';

const servers: MediaServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

interface Place {
  peer: string;
  placement: number;
}

async function join(client: Client): Promise<Place> {
  const answer = await client.call('media.join');
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return answer.result as Place;
}

const isMoved = (frame: { event: { type: string } }) => frame.event.type === 'moved';

/** As many media servers, with one of the room's people each. */
async function apart(count: number, names: string[]) {
  for (let i = 0; i < count; i++) servers.push(await startMediaServer(`m${i}`));
  const stage = await setStage(servers.map(({ instance }) => instance));
  const { url } = await stage.start({ PEOPLE_PER_SERVER: '1' });
  const people = [];
  for (const name of names) {
    const client = await stage.enter(url, name);
    const place = await join(client);
    // The first placement of a room is told, too.
    if (people.length === 0) await client.next('event', isMoved);
    const at = servers.find(({ entered }) => entered.some(({ peer }) => peer === place.peer));
    if (at === undefined) throw new Error(`${name} is nowhere`);
    people.push({ client, at, ...place });
  }
  return { stage, url, people };
}

const others = (servers: MediaServer[]) => servers.map(({ instance }) => instance.port);

describe('a room with more people than a media server should carry', () => {
  test('is on another one, too, which is told of the first; where there is none left they crowd', async () => {
    const { stage, url, people } = await apart(2, ['ada', 'bob']);
    await using _ = stage;
    const [ada, bob] = [people[0], people[1]];
    if (ada === undefined || bob === undefined) throw new Error('nobody');
    expect(bob.at).not.toBe(ada.at);
    expect(bob.at.entered[0]?.others).toEqual(others([ada.at]));
    expect(bob.placement).toBeGreaterThan(ada.placement);
    const eve = await stage.enter(url, 'eve');
    await join(eve);
    expect(ada.at.entered).toHaveLength(2);
    expect(ada.at.entered[1]?.others).toEqual(others([bob.at]));
    expect(
      ada.client.frames.filter((frame) => frame.type === 'event' && isMoved(frame)),
      'nobody moves for that',
    ).toHaveLength(1);
  });

  test.each([
    ['the home', 0],
    ['a branch', 1],
  ])('loses only the people of %s when that dies, and they go on at a third', async (_, index) => {
    const { stage, people } = await apart(3, ['ada', 'bob']);
    await using _stage = stage;
    const [lost, other] = [people[index], people[1 - index]];
    if (lost === undefined || other === undefined) throw new Error('nobody');
    await lost.at.kill();
    const { event } = await lost.client.next('event', isMoved);
    const next = await join(lost.client);
    expect(next.placement).toBeGreaterThanOrEqual('placement' in event ? Number(event.placement) : 0);
    const third = servers.find((each) => each !== lost.at && each !== other.at);
    expect(third?.entered).toMatchObject([
      { participant: lost.client.welcome.session, others: others([other.at]) },
    ]);
    // What comes after it in the order has come: the other one was not told to move.
    await lost.client.call('self.react', { emoji: '👋' });
    await other.client.next('event', (frame) => frame.event.type === 'reaction');
    const told = other.client.frames.filter((frame) => frame.type === 'event' && isMoved(frame));
    expect(told).toHaveLength(index === 0 ? 0 : 1);
  });

  test('goes to its branch where no other server is left, whose people stay, also when they resume', async () => {
    const { stage, url, people } = await apart(2, ['ada', 'bob']);
    await using _ = stage;
    const [ada, bob] = [people[0], people[1]];
    if (ada === undefined || bob === undefined) throw new Error('nobody');
    ada.at.drain(true);
    await ada.client.next('event', isMoved);
    await join(ada.client);
    expect(bob.at.entered).toHaveLength(2);
    expect(bob.client.frames.some((frame) => frame.type === 'event' && isMoved(frame))).toBe(false);
    const { session, token, seen } = bob.client.welcome;
    bob.client.socket.terminate();
    const again = await stage.connect(url);
    again.send({ type: 'resume', version: PROTOCOL_VERSION, session, token, seen: { ...seen, media: {} } });
    expect((await again.next('resumed')).placement).toBe(bob.placement);
  });
});
