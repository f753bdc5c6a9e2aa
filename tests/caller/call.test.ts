import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import {
  isInside,
  joinAsGuest,
  keepMedia,
  loseTrack,
  openPage,
  pictureOf,
  receivesMedia,
  seesMoving,
  signedIn,
} from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { person, register } from '../support/people.ts';
import { tandem } from '../support/tandem.ts';

describe.skipIf(!hasChromium())('two people in a call', () => {
  let browser: Browser;
  let hers: Page;
  let his: Page;
  let room: string;
  let adasToken: string;

  beforeAll(async () => {
    browser = await openChromium();
    const ada = { ...person('ada'), name: 'Ada Lovelace' };
    adasToken = (await send('POST', '/api/auth/register', undefined, ada)).body.accessToken;
    const settings = { entry: 'open' };
    room = (await send('POST', '/api/rooms', adasToken, { name: 'Standup', settings })).body.id;

    hers = await openPage(browser, '/', { script: keepMedia });
    await hers.getByLabel('E-mail address').fill(ada.email);
    await hers.getByLabel('Password').fill(ada.password);
    await hers.getByRole('button', { name: 'Sign in' }).click();
    await hers.getByRole('link', { name: /Standup/ }).click();
    await hers.getByRole('button', { name: 'Join', exact: true }).click();
    await isInside(hers);
    const phone = { viewport: { width: 390, height: 844 } };
    his = await joinAsGuest(browser, room, 'Bob Guest', { script: keepMedia, ...phone });
    await isInside(his);
  });
  afterAll(() => browser?.close());

  test('see and hear each other, with and without an account', async () => {
    await seesMoving(his, 'Ada Lovelace');
    await seesMoving(hers, 'Bob Guest');
    await receivesMedia(his);
    await receivesMedia(hers);
  });

  test('see who is muted, raises the hand, reacts and turns the camera off', async () => {
    const bob = pictureOf(hers, 'Bob Guest');
    await bob.getByLabel('Microphone off').waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Mute', exact: true }).click();
    await bob.getByLabel('Microphone off').waitFor();
    await his.getByRole('button', { name: 'Unmute' }).click();
    await bob.getByLabel('Microphone off').waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Raise the hand' }).click();
    await bob.getByLabel('Hand raised').waitFor();
    await his.getByRole('button', { name: 'React' }).click();
    await his.getByRole('menuitem', { name: '👏' }).click();
    await bob.getByText('👏').waitFor();
    await his.getByRole('button', { name: 'Turn the camera off' }).click();
    await bob.locator('video').waitFor({ state: 'hidden' });
  });

  test('use keys: the hand, the chat, and the space bar to be heard while muted', async () => {
    const bob = pictureOf(hers, 'Bob Guest');
    await his.getByRole('button', { name: 'Mute', exact: true }).click();
    await bob.getByLabel('Microphone off').waitFor();
    await his.keyboard.press('h');
    await bob.getByLabel('Hand raised').waitFor({ state: 'detached' });
    await his.keyboard.press('h');
    await bob.getByLabel('Hand raised').waitFor();
    await his.keyboard.down(' ');
    await bob.getByLabel('Microphone off').waitFor({ state: 'detached' });
    await his.keyboard.up(' ');
    await bob.getByLabel('Microphone off').waitFor();
    await his.keyboard.press('m');
    await bob.getByLabel('Microphone off').waitFor({ state: 'detached' });
    await his.keyboard.press('c');
    await his.getByLabel('Write to everybody').pressSequentially('hmm');
    expect(await his.getByLabel('Write to everybody').inputValue()).toBe('hmm');
    await his.keyboard.press('Escape');
    await his.keyboard.press('?');
    await his.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await his.keyboard.press('Escape');
  });

  test('change the microphone in the middle of it, and lose the camera', async () => {
    await hers.getByRole('button', { name: 'More' }).click();
    await hers.getByRole('menuitem', { name: 'Devices' }).click();
    await hers.getByRole('button', { name: /Microphone/ }).click();
    await hers.getByRole('option', { name: 'Fake Audio Input 2' }).click();
    await hers.getByRole('button', { name: 'Close' }).click();
    await receivesMedia(his);
    await loseTrack(hers, 'video');
    await seesMoving(his, 'Ada Lovelace');
  });

  test('go on while signalling is replaced: nobody is gone, nobody is unmuted', async () => {
    expect(await tandem(['restart', 'signal'])).toMatchObject({ code: 0 });
    await seesMoving(his, 'Ada Lovelace');
    await his.getByRole('button', { name: 'Lower the hand' }).click();
    await pictureOf(hers, 'Bob Guest').getByLabel('Hand raised').waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Turn the camera on' }).waitFor();
  });

  test('see the screen that the other shares', async () => {
    await hers.getByRole('button', { name: 'Share the screen' }).click();
    await seesMoving(his, "Ada Lovelace's screen");
    await hers.getByRole('button', { name: 'Stop sharing' }).click();
    await pictureOf(his, "Ada Lovelace's screen").waitFor({ state: 'detached' });
  });

  test('write to each other; what was not read is counted, and what was not sent can be sent again', async () => {
    await hers.getByRole('button', { name: 'Chat', exact: true }).click();
    await hers.getByLabel('Write to everybody').fill('Welcome!');
    await hers.keyboard.press('Enter');
    await his.getByRole('button', { name: 'Chat (1 unread)' }).click();
    await his.getByRole('log').getByText('Welcome!').waitFor();

    await his.route('**/api/chat/messages', (route) => route.abort());
    await his.getByLabel('Write to everybody').fill('Thank you');
    await his.getByRole('button', { name: 'Send', exact: true }).click();
    await his.getByText('Not sent.').waitFor();
    await his.unroute('**/api/chat/messages');
    await his.getByRole('button', { name: 'Send again' }).click();
    await hers.getByRole('log').getByText('Thank you').waitFor();
    await his.getByText('Not sent.').waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Close' }).click();
    await hers.getByRole('button', { name: 'Close' }).click();
  });

  test('come back after a reload, as muted as before', async () => {
    await his.getByRole('button', { name: 'Mute', exact: true }).click();
    await his.reload();
    await isInside(his);
    await seesMoving(his, 'Ada Lovelace');
    await his.getByRole('button', { name: 'Unmute' }).waitFor();
    const bob = pictureOf(hers, 'Bob Guest');
    await bob.getByLabel('Microphone off').waitFor();
    await his.getByRole('button', { name: 'Chat', exact: true }).click();
    await his.getByRole('log').getByText('Welcome!').waitFor();
    await his.getByRole('button', { name: 'Close' }).click();
    // Nobody is there twice.
    await hers.getByRole('button', { name: 'People (2)' }).waitFor();
  });

  test('are moderated: muted and told so, made a moderator of, behind a locked door, and removed for good', async () => {
    await his.getByRole('button', { name: 'Unmute' }).click();
    const bob = pictureOf(hers, 'Bob Guest');
    await bob.getByLabel('Microphone off').waitFor({ state: 'detached' });
    await hers.getByRole('button', { name: /People/ }).click();
    await hers.getByRole('button', { name: 'Mute Bob Guest' }).click();
    await his.getByText(/Ada Lovelace muted you/).waitFor();
    await bob.getByLabel('Microphone off').waitFor();
    await hers.getByRole('button', { name: 'Make Bob Guest a moderator' }).click();
    await hers.getByText('Only people with an account can moderate.').waitFor();

    await hers.getByText('Lock the room').click();
    await hers.getByRole('switch', { name: /Lock the room/, checked: true }).waitFor();
    const eve = await joinAsGuest(browser, room, 'Eve');
    await eve.getByText('Only those who were invited can enter this room.').waitFor();
    await eve.context().close();

    await hers.getByRole('button', { name: 'Remove Bob Guest' }).click();
    await his.getByText('A moderator has removed you from the call.').waitFor();
    await bob.waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Join', exact: true }).click();
    await his.getByText('You were not let in.').waitFor();
  });

  test('let somebody in from the lobby, who becomes a moderator and turns somebody else away', async () => {
    const grace = await register('grace');
    await send('PATCH', `/api/rooms/${room}`, adasToken, { settings: { entry: 'lobby' } });
    const hersToo = await openPage(browser, `/r/${room}`, { script: signedIn(grace) });
    await hersToo.getByRole('button', { name: 'Join', exact: true }).click();
    await hersToo.getByText('You are in the lobby').waitFor();
    await hers.getByRole('button', { name: 'Admit grace' }).click();
    await isInside(hersToo);

    await hers.getByRole('button', { name: 'Make grace a moderator' }).click();
    await hersToo.keyboard.press('p');
    const eve = await joinAsGuest(browser, room, 'Eve');
    await hersToo.getByRole('button', { name: 'Deny Eve' }).click();
    await eve.getByText('You were not let in.').waitFor();
    await hersToo.getByRole('button', { name: 'Leave' }).click();
    await hersToo.getByText('You have left the call').waitFor();
    await pictureOf(hers, 'grace').waitFor({ state: 'detached' });
  });
});
