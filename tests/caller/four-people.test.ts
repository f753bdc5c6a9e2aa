import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import {
  isInside,
  joinAsGuest,
  keepMedia,
  keepSockets,
  movingPictures,
  openPage,
  pictureOf,
  seesMoving,
  signedIn,
  smallCamera,
} from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { register } from '../support/people.ts';
import { openSignalLine } from '../support/signal-line.ts';
import { until } from '../support/until.ts';

describe.skipIf(!hasChromium())('four people in a call', () => {
  let browser: Browser;
  let room: string;
  let ada: Page;
  let bob: Page;
  let eve: Page;
  let zoe: Page;
  const script = `${smallCamera}${keepMedia}${keepSockets}`;

  beforeAll(async () => {
    browser = await openChromium();
    const owner = await register('ada');
    room = (
      await send('POST', '/api/rooms', owner.accessToken, { name: 'Four', settings: { entry: 'open' } })
    ).body.id;
    ada = await openPage(browser, `/r/${room}`, { script: `${script}${signedIn(owner)}` });
    await ada.getByRole('button', { name: 'Join', exact: true }).click();
    await isInside(ada);
    bob = await joinAsGuest(browser, room, 'Bob', { script });
    eve = await joinAsGuest(browser, room, 'Eve', { script });
    // So small that two pictures fit on a page, above one row of buttons.
    zoe = await joinAsGuest(browser, room, 'Zoë', { script, viewport: { width: 330, height: 289 } });
    for (const page of [bob, eve, zoe]) await isInside(page);
  });
  afterAll(() => browser?.close());

  test('see each other', async () => {
    for (const name of ['Bob', 'Eve', 'Zoë']) await seesMoving(ada, name);
    await seesMoving(bob, 'Zoë');
    await seesMoving(eve, 'ada');
  });

  test('receive what is on the screen, and nothing else', async () => {
    await zoe.getByText(/Page 1 of 2/).waitFor();
    await until('one picture comes', async () => (await movingPictures(zoe)) === 1, 90_000);
    await zoe.getByRole('button', { name: 'Next page' }).click();
    await zoe.getByText(/Page 2 of 2/).waitFor();
    await until('two pictures come', async () => (await movingPictures(zoe)) === 2, 90_000);
  });

  test('come back after the network was cut, as muted as before, and nobody is shown as gone', async () => {
    await bob.getByRole('button', { name: 'Mute', exact: true }).click();
    await pictureOf(ada, 'Bob').getByLabel('Microphone off').waitFor();
    await bob.context().setOffline(true);
    // Offline, Chromium refuses new connections and keeps those it has.
    await bob.evaluate('window.sockets.forEach((socket) => socket.close())');
    await bob.getByText('Reconnecting…').waitFor();
    await bob.context().setOffline(false);
    await bob.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await bob.keyboard.press('h');
    await pictureOf(ada, 'Bob').getByLabel('Hand raised').waitFor();
    await pictureOf(ada, 'Bob').getByLabel('Microphone off').waitFor();
    await seesMoving(ada, 'Bob');
    await seesMoving(bob, 'Eve');
  });

  test('may be there twice, and go on when the access token has expired', async () => {
    const tab = await ada.context().newPage();
    await tab.goto(ada.url());
    await tab.getByRole('button', { name: 'Join', exact: true }).click();
    await isInside(tab);
    await ada.getByRole('button', { name: 'People (5)' }).waitFor();
    // The other tab is told so by the storage that both share.
    const former = await tab.evaluate(`(() => {
      const session = JSON.parse(localStorage.getItem('tandem.session'));
      localStorage.setItem('tandem.session', JSON.stringify({ ...session, accessToken: 'expired', expiresAt: 0 }));
      return session.refreshToken;
    })()`);
    await ada.getByRole('button', { name: 'People (5)' }).click();
    await ada.getByText('Lock the room').click();
    await ada.getByRole('switch', { name: /Lock the room/, checked: true }).waitFor();
    const now = await tab.evaluate("JSON.parse(localStorage.getItem('tandem.session')).refreshToken");
    expect(now).not.toBe(former);
    await ada.getByText('Lock the room').click();
    await ada.getByRole('switch', { name: /Lock the room/, checked: false }).waitFor();
    await tab.getByRole('button', { name: 'Leave' }).click();
    await ada.getByRole('heading', { name: 'People (4)' }).waitFor();
  });

  test('find a colleague by a few letters with a slip, and invite them without leaving', async () => {
    const name = `Wilhelmina${Date.now().toString(36).replaceAll(/\d/g, 'q')}`;
    const { accessToken } = await register(name);
    await ada.getByRole('button', { name: 'Invite' }).click();
    await until('she is found', async () => {
      await ada.getByRole('combobox').fill('');
      await ada.getByRole('combobox').pressSequentially(name.replace('Wilhel', 'Wihlel'));
      return ada
        .getByRole('option', { name })
        .waitFor({ timeout: 3_000 })
        .then(() => true);
    });
    await ada.getByRole('option', { name }).click();
    await ada.getByText(`${name} is invited`).waitFor();
    await ada.keyboard.press('Escape');
    const { rooms } = (await send('GET', '/api/rooms', accessToken)).body;
    expect(rooms.map(({ id }: { id: string }) => id)).toContain(room);
  });

  test('are joined by twenty at once: everybody sees everybody, and all leave again', async () => {
    const lines = await Promise.all(
      Array.from({ length: 20 }, (_, index) => openSignalLine(room, `Guest ${index}`)),
    );
    for (const line of lines) await until('all are known', async () => line.participants().length === 24);
    await ada.getByRole('heading', { name: 'People (24)' }).waitFor();
    await ada
      .getByRole('status')
      .getByText(/Page 1 of/)
      .or(pictureOf(ada, 'Guest 19'))
      .first()
      .waitFor();
    for (const line of lines) line[Symbol.dispose]();
    await ada.getByRole('heading', { name: 'People (4)' }).waitFor();
    await seesMoving(ada, 'Bob');
  });
});
