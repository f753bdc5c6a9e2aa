import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import {
  isInside,
  joinAsGuest,
  keepMedia,
  receivesMedia,
  relayedMedia,
  smallCamera,
} from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { person } from '../support/people.ts';
import { tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** Their networks let nothing through but the way to the TURN server. */
describe.skipIf(!hasChromium())('two people in a call by TURN', () => {
  let browser: Browser;
  let pages: Page[] = [];

  beforeAll(async () => {
    browser = await openChromium();
    const { accessToken } = (await send('POST', '/api/auth/register', undefined, person('ada'))).body;
    const settings = { entry: 'open' };
    const room = (await send('POST', '/api/rooms', accessToken, { name: 'Relayed', settings })).body;
    const options = { script: keepMedia + relayedMedia + smallCamera };
    pages = [
      await joinAsGuest(browser, room.id, 'Bob Guest', options),
      await joinAsGuest(browser, room.id, 'Eve Guest', options),
    ];
    for (const page of pages) await isInside(page);
  });
  afterAll(() => browser?.close());

  test('see and hear each other, relayed', async () => {
    for (const page of pages) {
      await receivesMedia(page);
      const ways = await waysOf(page);
      expect(ways.length).toBeGreaterThan(0);
      expect(new Set(ways)).toEqual(new Set(['relay']));
    }
  });

  test('go on when their TURN server is replaced', async () => {
    expect(await tandem(['restart', 'turn'])).toMatchObject({ code: 0 });
    for (const page of pages) {
      await until('a way through the new one', async () => (await waysOf(page)).length > 0);
      await receivesMedia(page);
    }
  });
});

/** How each connection of a page that carries media leaves it: `host`, `srflx`, `relay`. */
async function waysOf(page: Page): Promise<string[]> {
  return (await page.evaluate(`Promise.all(
    window.connections.filter(({ connectionState }) => connectionState === 'connected').map((each) => each.getStats()),
  ).then((reports) => reports.flatMap((report) => {
    const rows = [...report.values()];
    return rows
      .filter(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded')
      .map(({ localCandidateId }) => report.get(localCandidateId).candidateType);
  }))`)) as string[];
}
