import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import {
  isInside,
  joinAsGuest,
  keepMedia,
  pictureOf,
  seesMoving,
  smallCamera,
} from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { mediaServerOf, workerOf } from '../support/media-servers.ts';
import { person } from '../support/people.ts';
import { tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';
import { beginWatching, hearsNobody, watchCall, watchedOf } from '../support/watch-call.ts';

/** How long people miss each other meanwhile is measured by `./tandem bench gaps`; here is what holds on any machine. */
describe.skipIf(!hasChromium())('a call that has to leave its media server', () => {
  let browser: Browser;
  /** Ada speaks; Bob is muted, with a microphone that stays open (push to talk). */
  let ada: Page;
  let bob: Page;
  let room: string;

  beforeAll(async () => {
    browser = await openChromium();
    const { accessToken } = (await send('POST', '/api/auth/register', undefined, person('host'))).body;
    const settings = { entry: 'open' };
    room = (await send('POST', '/api/rooms', accessToken, { name: 'Moving', settings })).body.id;
    const script = keepMedia + smallCamera + watchCall;
    ada = await joinAsGuest(browser, room, 'Ada', { script });
    await isInside(ada);
    bob = await joinAsGuest(browser, room, 'Bob', { script });
    await isInside(bob);
    await seesMoving(ada, 'Bob');
    await seesMoving(bob, 'Ada');
    await mute();
  });
  afterAll(() => browser?.close());

  async function mute(): Promise<void> {
    await bob.getByRole('button', { name: 'Mute', exact: true }).click();
    await bobIsMuted();
  }

  /** For himself and for Ada, who hears nothing of him. */
  async function bobIsMuted(): Promise<void> {
    await bob.getByRole('button', { name: 'Unmute' }).waitFor();
    await pictureOf(ada, 'Bob').getByLabel('Microphone off').waitFor();
    await hearsNobody(ada);
  }

  /** Something moves the call: both enter another place and leave the former one; then they see each other, and Bob hears Ada. */
  async function moves(happen: () => Promise<void>): Promise<void> {
    const before = await Promise.all([ada, bob].map(connectionsOf));
    for (const page of [ada, bob]) await beginWatching(page);
    await happen();
    for (const [i, page] of [ada, bob].entries())
      await until('it has moved', () => areAllNew(page, before[i] ?? 0));
    await seesMoving(ada, 'Bob');
    await seesMoving(bob, 'Ada');
    expect(await watchedOf(ada, 'Bob')).toMatchObject({ vanished: false });
    expect(await watchedOf(bob, 'Ada')).toMatchObject({ vanished: false });
    await beginWatching(bob);
    await until('Bob hears Ada', async () => (await watchedOf(bob, 'Ada')).heard);
  }

  async function killWorker(): Promise<void> {
    process.kill(workerOf(await mediaServerOf(room)), 'SIGKILL');
  }

  test('goes on when the native worker dies, and who is muted stays muted', async () => {
    await moves(killWorker);
    expect(await watchedOf(ada, 'Bob')).toMatchObject({ unmuted: false, heard: false });
    await bobIsMuted();
  });

  test('goes on when that is drained, and who is muted stays muted', async () => {
    const { instance } = await mediaServerOf(room);
    try {
      await moves(async () => {
        expect(await tandem(['drain', instance])).toMatchObject({ code: 0 });
        expect((await mediaServerOf(room)).instance).not.toBe(instance);
      });
    } finally {
      expect(await tandem(['drain', instance, '--cancel'])).toMatchObject({ code: 0 });
    }
    expect(await watchedOf(ada, 'Bob')).toMatchObject({ unmuted: false, heard: false });
    await bobIsMuted();
  });

  test('mutes and unmutes who does so in the middle of it', async () => {
    await moves(async () => {
      await killWorker();
      await bob.getByRole('button', { name: 'Unmute' }).click();
    });
    await pictureOf(ada, 'Bob').getByLabel('Microphone off').waitFor({ state: 'detached' });
    await beginWatching(ada);
    await until('Ada hears Bob', async () => (await watchedOf(ada, 'Bob')).heard);
    await moves(async () => {
      await killWorker();
      await bob.getByRole('button', { name: 'Mute', exact: true }).click();
    });
    await bobIsMuted();
  });
});

/** How many connections a page has had; it was opened with `keepMedia`. */
async function connectionsOf(page: Page): Promise<number> {
  return (await page.evaluate('window.connections.length')) as number;
}

/** All but the first ones are in use, and these are closed. */
async function areAllNew(page: Page, former: number): Promise<boolean> {
  return (await page.evaluate(`(() => {
    const states = window.connections.map(({ connectionState }) => connectionState);
    return states.slice(0, ${former}).every((state) => state === 'closed') &&
      states.slice(${former}).includes('connected');
  })()`)) as boolean;
}
