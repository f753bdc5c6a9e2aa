import { writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenersOn } from '../../deploy-dsl/src/local/listeners.ts';
import { hasChromium, openChromium } from '../support/browser.ts';
import { isInside, joinAsGuest, mediumCamera, seesMoving } from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { healthy } from '../support/instances.ts';
import { mediaServerOf, workerOf } from '../support/media-servers.ts';
import { person } from '../support/people.ts';
import { tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';
import { beginWatching, hearsNobody, type Watched, watchCall, watchedOf } from '../support/watch-call.ts';

/** Longer than this nobody should have to wait on the slowest machine, in ms. What it really takes: `./tandem bench gaps`. */
const PATIENCE_MS = 30_000;

/** Where the figures go. Run by `./tandem bench gaps` only: it takes minutes, and kills what other tests use. */
const { GAPS_FILE } = process.env;

interface Gaps {
  fault: string;
  ada: Watched;
  bob: Watched;
}

describe.skipIf(!hasChromium() || GAPS_FILE === undefined)(
  'a call goes on, and nobody is shown as gone or unmuted, when',
  () => {
    let browser: Browser;
    /** Ada speaks; Bob is muted. Both are seen. */
    let ada: Page;
    let bob: Page;
    let room: string;
    const gaps: Gaps[] = [];

    beforeAll(async () => {
      browser = await openChromium();
      const host = person('host');
      const { accessToken } = (await send('POST', '/api/auth/register', undefined, host)).body;
      const settings = { entry: 'open' };
      room = (await send('POST', '/api/rooms', accessToken, { name: 'Faults', settings })).body.id;
      const script = mediumCamera + watchCall;
      ada = await joinAsGuest(browser, room, 'Ada', { script });
      await isInside(ada);
      bob = await joinAsGuest(browser, room, 'Bob', { script });
      await isInside(bob);
      await bob.getByRole('button', { name: 'Mute', exact: true }).click();
      await bob.getByRole('button', { name: 'Unmute' }).waitFor();
      await seesMoving(ada, 'Bob');
      await seesMoving(bob, 'Ada');
      await until('Bob hears Ada', async () => (await watchedOf(bob, 'Ada')).heard);
      await hearsNobody(ada);
    });

    afterAll(async () => {
      await browser?.close();
      if (GAPS_FILE !== undefined) writeFileSync(GAPS_FILE, JSON.stringify(gaps, null, 2));
    });

    /** Watches both while something happens, and until it is over. */
    async function watch(fault: string, happen: () => Promise<void>): Promise<Gaps> {
      for (const page of [ada, bob]) await beginWatching(page);
      await happen();
      // Both see each other again, and have for a while: a second gap belongs to it.
      const enough = Date.now() + 3_000;
      await until(`${fault}: both see each other`, async () => {
        const [hers, his] = [await watchedOf(ada, 'Bob'), await watchedOf(bob, 'Ada')];
        return hers.isMoving && his.isMoving && Date.now() > enough;
      });
      const seen = { fault, ada: await watchedOf(ada, 'Bob'), bob: await watchedOf(bob, 'Ada') };
      gaps.push(seen);
      console.info(`${fault}: video ${seen.ada.video} and ${seen.bob.video} ms, audio ${seen.bob.audio} ms`);
      expect(seen).toMatchObject({
        ada: { vanished: false, unmuted: false, heard: false },
        bob: { vanished: false },
      });
      expect(Math.max(seen.ada.video, seen.bob.video, seen.bob.audio ?? 0)).toBeLessThan(PATIENCE_MS);
      await bob.getByRole('button', { name: 'Unmute' }).waitFor();
      return seen;
    }

    test('nothing happens', async () => {
      await watch('nothing', async () => {});
    });

    test('signalling is killed, all of it', async () => {
      await watch('signal killed', async () => {
        await killAll('signal');
        await whole('signal', 2);
      });
    });

    test('the native worker is killed', async () => {
      await watch('worker killed', async () => {
        process.kill(workerOf(await mediaServerOf(room)), 'SIGKILL');
      });
    });

    test('the media server is killed', async () => {
      await watch('media server killed', async () => {
        const { pid } = await mediaServerOf(room);
        process.kill(pid, 'SIGKILL');
        await whole('media', 2);
      });
    });

    test('the media server is drained', async () => {
      const { instance } = await mediaServerOf(room);
      await watch('drained', async () => {
        expect(await tandem(['drain', instance])).toMatchObject({ code: 0 });
        expect((await mediaServerOf(room)).instance).not.toBe(instance);
      });
      expect(await tandem(['drain', instance, '--cancel'])).toMatchObject({ code: 0 });
    });

    test.each(['edge', 'signal-redis', 'rabbitmq', 'rooms', 'auth'])('%s is killed', async (service) => {
      await watch(`${service} killed`, async () => {
        const count = (await healthy(service)).length;
        await killAll(service);
        await whole(service, count);
      });
    });

    test('a new version of the media servers is rolled out', async () => {
      await watch('media updated', async () => {
        expect(await tandem(['restart', 'media'])).toMatchObject({ code: 0 });
      });
    });
  },
);

async function killAll(service: string): Promise<void> {
  const listeners = await listenersOn((await healthy(service)).map(({ Service }) => Service.Port));
  for (const { pid } of listeners) if (pid !== null) process.kill(pid, 'SIGKILL');
}

async function whole(service: string, instances: number): Promise<void> {
  await until(
    `${service} is whole again`,
    async () => {
      const now = await healthy(service);
      const listeners = await listenersOn(now.map(({ Service }) => Service.Port));
      return now.length >= instances && listeners.length >= instances;
    },
    120_000,
  );
}
