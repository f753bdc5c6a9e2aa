import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../support/axe.ts';
import { hasChromium, openChromium } from '../support/browser.ts';
import { isInside, joinAsGuest, openPage, pictureOf } from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { person } from '../support/people.ts';
import { stack } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** A script: stands in for the engine of the browser's maker, which hears the same words again and again. */
const hearing = `
  window.SpeechRecognition = class extends EventTarget {
    start() {
      this.results = [];
      this.timer = setInterval(() => {
        this.results.push(Object.assign([{ transcript: 'Good morning.' }], { isFinal: true }));
        const heard = { resultIndex: this.results.length - 1, results: this.results };
        this.dispatchEvent(Object.assign(new Event('result'), heard));
      }, 500);
    }
    abort() {
      clearInterval(this.timer);
      this.dispatchEvent(new Event('end'));
    }
  };
`;

/** Everything that a person sees on the way through a call, in the light and in the dark, and by the keyboard alone. */
describe.skipIf(!hasChromium())('for everybody', () => {
  const ada = { ...person('ada'), name: 'Ada Lovelace' };
  let browser: Browser;
  let hers: Page;
  let his: Page;
  let room: string;

  beforeAll(async () => {
    browser = await openChromium();
    const { accessToken } = (await send('POST', '/api/auth/register', undefined, ada)).body;
    const settings = { entry: 'lobby' };
    room = (await send('POST', '/api/rooms', accessToken, { name: 'Standup', settings })).body.id;
    hers = await openPage(browser, '/');
    his = await openPage(browser, `/r/${room}`, { viewport: { width: 390, height: 844 }, script: hearing });
  });
  afterAll(() => browser?.close());

  test('the start, by the keyboard alone', async () => {
    await hers.getByLabel('E-mail address').waitFor();
    expect(await faultsOf(hers)).toEqual([]);
    await hers.getByLabel('E-mail address').focus();
    await hers.keyboard.type(ada.email);
    await hers.keyboard.press('Tab');
    await hers.keyboard.type(ada.password);
    await hers.keyboard.press('Enter');
    await hers.getByRole('link', { name: /Standup/ }).waitFor();
    expect(await faultsOf(hers)).toEqual([]);
    await hers.getByRole('button', { name: 'New room' }).press('Enter');
    await hers.getByRole('dialog').waitFor();
    expect(await faultsOf(hers)).toEqual([]);
    await hers.keyboard.press('Escape');
    await hers.getByRole('dialog').waitFor({ state: 'detached' });
    await hers.getByRole('link', { name: /Standup/ }).press('Enter');
    await hers.getByRole('button', { name: 'Join', exact: true }).waitFor();
  });

  test('the look in the mirror and the lobby', async () => {
    await his.getByLabel('Your name').fill('Bob Guest');
    expect(await faultsOf(his)).toEqual([]);
    await hers.getByRole('button', { name: 'Join', exact: true }).press('Enter');
    await isInside(hers);
    await his.getByRole('button', { name: 'Join', exact: true }).click();
    await his.getByRole('heading', { name: 'You are in the lobby' }).waitFor();
    expect(await faultsOf(his)).toEqual([]);
  });

  test('the call and what opens in it; coming and going is said', async () => {
    await hers.getByRole('button', { name: /People/ }).press('Enter');
    await hers
      .getByRole('button', { name: /Bob Guest/ })
      .first()
      .waitFor();
    expect(await faultsOf(hers)).toEqual([]);
    await hers.getByRole('button', { name: 'Admit Bob Guest' }).press('Enter');
    await isInside(his);
    await pictureOf(hers, 'Bob Guest').waitFor();
    await hers.locator('[aria-live]').filter({ hasText: 'Bob Guest joined.' }).waitFor();
    expect(await faultsOf(hers)).toEqual([]);
    expect(await faultsOf(his)).toEqual([]);
    for (const [name, title] of [
      ['Chat', 'Chat'],
      ['Connection', 'How is the connection?'],
    ] as const) {
      await hers.getByRole('button', { name: new RegExp(`^${name}`) }).press('Enter');
      await hers.getByRole('region', { name: title }).waitFor();
      expect(await faultsOf(hers)).toEqual([]);
      await hers.getByRole('button', { name: 'Close' }).press('Enter');
    }
    for (const item of ['Devices', 'Keyboard shortcuts']) {
      await hers.getByRole('button', { name: 'More' }).press('Enter');
      await hers.getByRole('menuitem', { name: item }).press('Enter');
      await hers.getByRole('dialog').waitFor();
      expect(await faultsOf(hers)).toEqual([]);
      await hers.keyboard.press('Escape');
      await hers.getByRole('dialog').waitFor({ state: 'detached' });
    }
  });

  test('single keys do what they say, until somebody turns them off', async () => {
    const chat = hers.getByRole('region', { name: 'Chat' });
    const turnKeys = async () => {
      await hers.getByRole('button', { name: 'More' }).press('Enter');
      await hers.getByRole('menuitem', { name: 'Keyboard shortcuts' }).press('Enter');
      await hers.getByRole('switch', { name: 'Single keys work in a call' }).press('Space');
      await hers.keyboard.press('Escape');
      await hers.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await hers.keyboard.press('c');
    await chat.waitFor();
    await hers.getByRole('button', { name: 'Close' }).press('Enter');
    await chat.waitFor({ state: 'detached' });
    await turnKeys();
    await hers.keyboard.press('c');
    await hers.keyboard.press('h');
    expect(await hers.getByRole('button', { name: 'Raise the hand' }).isVisible()).toBe(true);
    expect(await chat.isVisible()).toBe(false);
    await turnKeys();
    await hers.keyboard.press('h');
    await hers.getByRole('button', { name: 'Lower the hand' }).waitFor();
    await hers.keyboard.press('h');
    await hers.getByRole('button', { name: 'Raise the hand' }).waitFor();
  });

  test('a browser that keeps nothing for the app gets into the call all the same', async () => {
    const script = `
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
        Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
    `;
    const page = await joinAsGuest(browser, room, 'Eve Private', { script });
    await hers.getByRole('button', { name: /People/ }).press('Enter');
    await hers.getByRole('button', { name: 'Admit Eve Private' }).press('Enter');
    await isInside(page);
    await pictureOf(hers, 'Eve Private').waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByText('You have left the call').waitFor();
    await hers.getByRole('button', { name: 'Close' }).press('Enter');
    await page.context().close();
  });

  test('what somebody says can be read by the others, if both want that', async () => {
    await his.getByRole('button', { name: 'More' }).click();
    await his.getByRole('menuitem', { name: 'Give the others captions of what I say' }).click();
    const captions = hers.getByRole('log', { name: 'Captions' });
    await captions.getByText('Bob Guest: Good morning.').waitFor();
    // The name of the button that has the focus goes.
    await hers.keyboard.press('Escape');
    await hers.getByRole('tooltip').waitFor({ state: 'detached' });
    expect(await faultsOf(hers)).toEqual([]);
    await hers.getByRole('button', { name: 'More' }).press('Enter');
    await hers.getByRole('menuitem', { name: 'Hide captions' }).press('Enter');
    await captions.waitFor({ state: 'detached' });
    await his.getByRole('button', { name: 'More' }).click();
    await his.getByRole('menuitem', { name: 'Stop giving captions' }).click();
  });

  test('how good the connections are is said in words, with the figures behind it', async () => {
    await pictureOf(hers, 'Bob Guest')
      .getByRole('img', { name: /connection$/ })
      .waitFor();
    await his.getByRole('button', { name: /^Connection/ }).click();
    const panel = his.getByRole('region', { name: 'How is the connection?' });
    await panel.getByRole('region', { name: 'Your network' }).waitFor();
    await panel.getByText('Figures').click();
    await panel.getByText('direct (UDP)').waitFor();
    await panel
      .getByRole('listitem')
      .filter({ hasText: 'Ada Lovelace' })
      .getByText(/^(good|weak|bad)$/)
      .waitFor();
    expect(await faultsOf(his)).toEqual([]);
  });

  test('what goes wrong in a page, and how the call was, is told when it is left', async () => {
    const told: string[] = [];
    his.on('request', (request) => {
      if (request.url().endsWith('/api/web/telemetry')) told.push(request.postData() ?? '');
    });
    const statuses: number[] = [];
    his.on('response', (response) => {
      if (response.url().endsWith('/api/web/telemetry')) statuses.push(response.status());
    });
    await his.evaluate(`setTimeout(() => { throw new Error('for the test of telemetry'); })`);
    await his.getByRole('button', { name: 'Leave' }).click();
    await his.getByText('You have left the call').waitFor();
    const isTold = (text: string) => told.some((report) => report.includes(text));
    await until('the error is told', async () => isTold('for the test of telemetry'));
    // Where it did not get into the same report, it goes half a minute later.
    await until('the call is told', async () => isTold(`"room":"${room}"`), 120_000);
    await until('it was taken', async () => statuses.length === told.length);
    expect(new Set(statuses)).toEqual(new Set([204]));
    expect(told.join()).not.toContain('Guest');
    await hers.locator('[aria-live]').filter({ hasText: 'Bob Guest left.' }).waitFor();
  });

  test('without a network the app opens, and says that there is none', async () => {
    const page = await openPage(browser, '/', { serviceWorkers: 'allow' });
    await until(
      'the app is kept',
      () => page.evaluate('navigator.serviceWorker.controller !== null') as Promise<boolean>,
    );
    await page.context().setOffline(true);
    await page.goto(`${stack().edge}/r/${room}`);
    await page.getByText('There is no network').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByText('There is no network').waitFor({ state: 'hidden' });
  });
});
