import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import { send } from '../support/edge.ts';
import { person } from '../support/people.ts';
import { stack, tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';

describe.skipIf(!hasChromium())('two people in a call', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  /** Somebody's own browser window, in English. */
  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      permissions: ['camera', 'microphone'],
      locale: 'en-GB',
      ...options,
    });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(`${stack().edge}${path}`);
    return page;
  }

  test('see and hear each other, with and without an account, also while signalling is replaced', async () => {
    const ada = { ...person('ada'), name: 'Ada Lovelace' };
    const { accessToken } = (await send('POST', '/api/auth/register', undefined, ada)).body;
    const settings = { entry: 'open' };
    const room = (await send('POST', '/api/rooms', accessToken, { name: 'Standup', settings })).body;

    const hers = await open('/');
    await hers.getByLabel('E-mail address').fill(ada.email);
    await hers.getByLabel('Password').fill(ada.password);
    await hers.getByRole('button', { name: 'Sign in' }).click();
    await hers.getByRole('link', { name: /Standup/ }).click();
    await hers.getByRole('button', { name: 'Join', exact: true }).click();
    await hers.getByRole('button', { name: 'Leave' }).waitFor();

    const his = await open(`/r/${room.id}`, { viewport: { width: 390, height: 844 } });
    await his.getByLabel('Your name').fill('Bob Guest');
    await his.getByRole('button', { name: 'Join', exact: true }).click();
    await seesMoving(his, 'Ada Lovelace');
    await seesMoving(hers, 'Bob Guest');
    await hears(his);
    await hears(hers);

    await his.getByRole('button', { name: 'Raise the hand' }).click();
    await hers.getByRole('figure', { name: 'Bob Guest' }).getByLabel('Hand raised').waitFor();
    await his.getByRole('button', { name: 'Turn the camera off' }).click();
    await hers.getByRole('figure', { name: 'Bob Guest' }).locator('video').waitFor({ state: 'hidden' });

    // Nobody is shown as gone, nobody is unmuted, and the pictures go on.
    expect(await tandem(['restart', 'signal'])).toMatchObject({ code: 0 });
    await seesMoving(his, 'Ada Lovelace');
    await his.getByRole('button', { name: 'Lower the hand' }).click();
    await hers
      .getByRole('figure', { name: 'Bob Guest' })
      .getByLabel('Hand raised')
      .waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'Turn the camera on' }).waitFor();

    await hers.getByRole('button', { name: /People/ }).click();
    await hers.getByRole('button', { name: 'Mute Bob Guest' }).click();
    await his.getByText(/Ada Lovelace muted you/).waitFor();
    await hers.keyboard.press('Escape');
    await his.getByRole('button', { name: 'Leave' }).click();
    await his.getByText('You have left the call').waitFor();
    await hers.getByRole('figure', { name: 'Bob Guest' }).waitFor({ state: 'detached' });
  });
});

/** More and more frames of somebody are shown. */
async function seesMoving(page: Page, name: string): Promise<void> {
  const video = page.getByRole('figure', { name }).locator('video');
  const frames = () =>
    video.evaluate((element: unknown) => {
      // In the page, whose types these tests do not have.
      const { videoWidth, getVideoPlaybackQuality } = element as {
        videoWidth: number;
        getVideoPlaybackQuality(): { totalVideoFrames: number };
      };
      return videoWidth > 0 ? getVideoPlaybackQuality.call(element).totalVideoFrames : 0;
    });
  const before = await until(`a picture of ${name}`, async () => (await frames()) || null);
  await until(`a moving picture of ${name}`, async () => (await frames()) > before + 5 || null);
}

/** Sound of somebody is played. */
async function hears(page: Page): Promise<void> {
  const time = () =>
    page
      .locator('audio')
      .first()
      .evaluate((element: unknown) => (element as { currentTime: number }).currentTime);
  const before = await time();
  await until('sound', async () => (await time()) > before || null);
}
