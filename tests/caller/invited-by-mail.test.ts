import { expect, test } from 'vitest';
import { send } from '../support/edge.ts';
import { mailsTo } from '../support/mails.ts';
import { person, register } from '../support/people.ts';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';

const aMailTo = (address: string, subject: string) =>
  until(`the mail "${subject}" to ${address}`, async () =>
    (await mailsTo(address)).find((mail) => mail.subject === subject),
  );

test('who is invited by mail comes in by the link, until the invitation is taken back', async () => {
  const ada = await register('ada');
  // Her profile, with the name that stands in the mail, comes by an event.
  await until(
    'her profile',
    async () => (await send('GET', '/api/users/me', ada.accessToken)).status === 200,
  );
  const settings = { entry: 'invited' };
  const room = (await send('POST', '/api/rooms', ada.accessToken, { name: 'Standup', settings })).body;
  const { email } = person('guest');
  const path = `/api/rooms/${room.id}/invitations`;
  const invitation = (await send('POST', path, ada.accessToken, { email })).body;

  const mail = await aMailTo(email, 'ada invites you to “Standup”');
  expect(mail.html).toContain(`/r/${room.id}#code=`);
  const link = new URL(mail.text?.match(/https?:\S+/)?.[0] ?? '');
  expect(link.origin).toBe(stack().edge);
  const [, , id] = link.pathname.split('/');
  const code = new URLSearchParams(link.hash.slice(1)).get('code');
  const guest = (await send('POST', '/api/auth/guests', undefined, { name: 'Zoë' })).body;
  const join = (body: object) => send('POST', `/api/rooms/${id}/join`, guest.accessToken, body);
  expect((await join({})).body.code).toBe('not-invited');
  expect((await join({ code })).body).toMatchObject({ role: 'participant', room: { id: room.id } });

  await send('DELETE', `${path}/${invitation.id}`, ada.accessToken);
  await aMailTo(email, 'No longer invited to “Standup”');
  expect((await join({ code })).body.code).toBe('not-invited');
  expect(await mailsTo(email)).toHaveLength(2);
});

test('a user who is invited by name gets the mail at the address of the account', async () => {
  const grace = person('grace');
  const [ada, { user }] = [
    await register('ada'),
    (await send('POST', '/api/auth/register', undefined, grace)).body,
  ];
  await aMailTo(grace.email, 'Your Tandem account');
  const room = (await send('POST', '/api/rooms', ada.accessToken, { name: 'Retrospective' })).body;
  await until('users knows her', async () => {
    const path = `/api/rooms/${room.id}/invitations`;
    return (await send('POST', path, ada.accessToken, { userId: user.id })).status < 300;
  });
  const mail = await aMailTo(grace.email, 'ada invites you to “Retrospective”');
  expect(mail.text).toMatch(new RegExp(`/r/${room.id}$`, 'm'));
});
