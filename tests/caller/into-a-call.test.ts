import { expect, test } from 'vitest';
import { send } from '../support/edge.ts';
import { register } from '../support/people.ts';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';

test('who registers is known to the others, invites by mail, and lets a guest in from the lobby', async () => {
  const ada = await register('ada');
  const grace = await register('grace');
  const profile = await until('the profile that the event makes', async () => {
    const answer = await send('GET', `/api/users/${ada.user.id}`, grace.accessToken);
    return answer.status === 200 && answer.body;
  });
  expect(profile).toMatchObject({ name: 'ada', initials: 'A' });

  const settings = { entry: 'lobby' };
  const room = (await send('POST', '/api/rooms', ada.accessToken, { name: 'Standup', settings })).body;
  const guest = (await send('POST', '/api/auth/guests', undefined, { name: 'Zoë' })).body;
  const join = async (token: string, body?: object) =>
    (await send('POST', `/api/rooms/${room.id}/join`, token, body)).body;
  expect((await join(guest.accessToken)).role).toBe('lobby');
  expect((await send('GET', `/api/rooms/${room.id}/lobby`, ada.accessToken)).body.waiting).toEqual([
    { userId: guest.user.id, name: 'Zoë' },
  ]);
  await send('PUT', `/api/rooms/${room.id}/admissions/${guest.user.id}`, ada.accessToken);
  expect((await join(guest.accessToken)).role).toBe('participant');

  const mail = { email: 'grace@example.org' };
  const { code } = (await send('POST', `/api/rooms/${room.id}/invitations`, ada.accessToken, mail)).body;
  expect((await join(grace.accessToken)).role).toBe('lobby');
  expect((await join(grace.accessToken, { code })).role).toBe('participant');
  expect((await join(ada.accessToken)).role).toBe('moderator');
});

test('a name that I change is read by me at once, on whichever instance', async () => {
  const { accessToken } = await register('ada');
  for (let change = 1; change <= 10; change++) {
    const name = `Ada ${change}`;
    await send('PATCH', '/api/users/me', accessToken, { name });
    expect((await send('GET', '/api/users/me', accessToken)).body.name).toBe(name);
  }
});

test('who is there is known to the others, on whichever instance', async () => {
  const [ada, grace] = [await register('ada'), await register('grace')];
  const asked = async () =>
    (await send('GET', `/api/presence?ids=${ada.user.id},${grace.user.id}`, grace.accessToken)).body
      .presences;
  await send('PUT', '/api/presence/me', ada.accessToken, { state: 'in-call', page: 'page-of-ada' });
  for (let time = 1; time <= 4; time++)
    expect(await asked()).toEqual([{ user: ada.user.id, state: 'in-call' }]);
  await send('DELETE', '/api/presence/me?page=page-of-ada', ada.accessToken);
  expect(await asked()).toEqual([]);
});

test('whoever logs out everywhere is out of everything', async () => {
  const ada = await register('ada');
  const room = (await send('POST', '/api/rooms', ada.accessToken, { name: 'Standup' })).body;
  expect((await send('DELETE', '/api/auth/sessions', ada.accessToken)).status).toBe(204);
  const refresh = await send('POST', '/api/auth/refresh', undefined, { refreshToken: ada.refreshToken });
  expect([refresh.status, refresh.body.code]).toEqual([401, 'session-ended']);
  const join = await send('POST', `/api/rooms/${room.id}/join`, ada.accessToken);
  expect([join.status, join.body.code]).toEqual([401, 'session-ended']);
});

test('what only services ask each other is not to be had from outside', async () => {
  const { accessToken } = await register('ada');
  const answer = await fetch(`${stack().edge}/internal/auth/session`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(answer.status).toBe(404);
});
