import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { openChromium } from '../support/browser.ts';
import { isInside, joinAsGuest, openPage, pictureOf, seesMoving } from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { person } from '../support/people.ts';
import { root } from '../support/tandem.ts';
import { portrait } from './portrait.ts';

/**
 * `npm run pictures`: drives the client of the running stack and takes the pictures of the README, in docs/pictures.
 * `npm run pictures -- DIRECTORY` puts them elsewhere.
 */
const folder = process.argv[2] ?? `${root}docs/pictures`;
await mkdir(folder, { recursive: true });
const take = (page: Page, name: string) =>
  page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });

const browser = await openChromium();
try {
  const ada = { ...person('ada'), name: 'Ada Lovelace' };
  const { accessToken } = (await send('POST', '/api/auth/register', undefined, ada)).body;
  const make = async (name: string) =>
    (await send('POST', '/api/rooms', accessToken, { name, settings: { entry: 'open' } })).body.id;
  const [room] = [await make('Monday standup'), await make('Design review')];

  const hers = await openPage(browser, '/', {
    script: portrait(205),
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
  });
  await hers.getByLabel('E-mail address').fill(ada.email);
  await hers.getByLabel('Password').fill(ada.password);
  await hers.getByRole('button', { name: 'Sign in' }).click();
  await hers.getByRole('link', { name: /Monday standup/ }).waitFor();
  await take(hers, 'start');
  await hers.getByRole('link', { name: /Monday standup/ }).click();
  await hers.getByRole('button', { name: 'Turn the camera off' }).waitFor();
  await hers
    .locator('video')
    .evaluate('(video) => new Promise((done) => video.requestVideoFrameCallback(done))');
  await take(hers, 'before-a-call');
  await hers.getByRole('button', { name: 'Join', exact: true }).click();
  await isInside(hers);

  const small = { viewport: { width: 480, height: 320 } };
  const grace = await joinAsGuest(browser, room, 'Grace Hopper', { script: portrait(30), ...small });
  await isInside(grace);
  const phone = {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  };
  // Phones share no screen.
  const script = `${portrait(120)} delete mediaDevices.getDisplayMedia; delete MediaDevices.prototype.getDisplayMedia;`;
  const linus = await joinAsGuest(browser, room, 'Linus Pauling', { script, ...phone });
  await isInside(linus);
  for (const name of ['Grace Hopper', 'Linus Pauling']) await seesMoving(hers, name);
  await seesMoving(linus, 'Grace Hopper');
  await linus.getByRole('button', { name: 'Raise the hand' }).click();
  await pictureOf(hers, 'Linus Pauling').getByLabel('Hand raised').waitFor();
  await take(hers, 'call');
  await take(linus, 'phone');

  await grace.getByRole('button', { name: 'Share the screen' }).click();
  await seesMoving(hers, "Grace Hopper's screen");
  await hers.getByRole('button', { name: 'Chat', exact: true }).click();
  await linus.getByRole('button', { name: 'Chat', exact: true }).click();
  const write = async (page: Page, text: string) => {
    await page.getByLabel('Write to everybody').fill(text);
    await page.keyboard.press('Enter');
    await hers.getByRole('log').getByText(text).waitFor();
    await page.getByText('Sending…').waitFor({ state: 'detached' });
  };
  await write(hers, 'Morning! Slides are up on the shared screen.');
  await write(linus, 'Looks sharp, even on the phone.');
  await write(hers, 'Notes: https://tandem.example/notes/42');
  await take(hers, 'screen-and-chat');
} finally {
  await browser.close();
}
