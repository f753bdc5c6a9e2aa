import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/browser.ts';
import {
  isInside,
  joinAsGuest,
  keepMedia,
  receivesMedia,
  seesMoving,
  smallCamera,
} from '../support/call-page.ts';
import { send } from '../support/edge.ts';
import { editedFile } from '../support/edited-file.ts';
import { healthy } from '../support/instances.ts';
import { person } from '../support/people.ts';
import { tandem } from '../support/tandem.ts';
import { until } from '../support/until.ts';

/** A room with more people than one media server should carry: here, with more than one. */
describe.skipIf(!hasChromium())('two people of one room on two media servers', () => {
  let browser: Browser;
  let room: string;
  let pages: Page[] = [];

  beforeAll(async () => {
    using file = editedFile('one-each', (document) =>
      document.setIn(['services', 'signal', 'env'], { PEOPLE_PER_SERVER: 1 }),
    );
    expect(await tandem(['deploy', '--file', file.path])).toMatchObject({ code: 0 });
    browser = await openChromium();
    const { accessToken } = (await send('POST', '/api/auth/register', undefined, person('ada'))).body;
    const settings = { entry: 'open' };
    room = (await send('POST', '/api/rooms', accessToken, { name: 'Large', settings })).body.id;
    const options = { script: keepMedia + smallCamera };
    pages = [
      await joinAsGuest(browser, room, 'Bob Guest', options),
      await joinAsGuest(browser, room, 'Eve Guest', options),
    ];
    for (const page of pages) await isInside(page);
  });
  afterAll(async () => {
    await browser?.close();
    expect(await tandem(['deploy'])).toMatchObject({ code: 0 });
  });

  test('see and hear each other', async () => {
    await until('each server has one of them', async () => (await peopleByServer(room)).join() === '1,1');
    const [bob, eve] = pages;
    if (bob === undefined || eve === undefined) throw new Error('nobody is there');
    await seesMoving(bob, 'Eve Guest');
    await seesMoving(eve, 'Bob Guest');
    for (const page of pages) await receivesMedia(page);
  });

  test('know who is muted', async () => {
    const [bob, eve] = pages;
    await bob?.getByRole('button', { name: 'Mute', exact: true }).click();
    await eve?.getByRole('figure', { name: 'Bob Guest' }).getByLabel('Microphone off').waitFor();
  });
});

/** How many people of a room each media server that carries it has. */
async function peopleByServer(room: string): Promise<number[]> {
  const counts = await Promise.all(
    (await healthy('media')).map(async ({ Service }) => {
      const response = await fetch(`http://127.0.0.1:${Service.Port}/internal/calls`);
      const { calls } = (await response.json()) as { calls: { room: string; people: number }[] };
      return calls.filter((call) => call.room === room).map(({ people }) => people);
    }),
  );
  return counts.flat();
}
