import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { stack } from './tandem.ts';
import { until } from './until.ts';

export interface PageOptions extends BrowserContextOptions {
  /** Runs in the page before its own scripts do. */
  script?: string;
}

/** Keeps the connections of a page, so that a test can ask for their statistics. */
export const keepConnections = `
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.connections.push(this); }
  };
`;

/** Somebody's own browser window, in English, where camera and microphone are allowed. */
export async function openPage(browser: Browser, path: string, options: PageOptions = {}): Promise<Page> {
  const { script, ...others } = options;
  const context = await browser.newContext({
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    ...others,
  });
  context.setDefaultTimeout(60_000);
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(`${stack().edge}${path}`);
  return page;
}

/** Opens a room as somebody without an account, and asks to be let in. */
export async function joinAsGuest(
  browser: Browser,
  room: string,
  name: string,
  options: PageOptions = {},
): Promise<Page> {
  const page = await openPage(browser, `/r/${room}`, options);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  return page;
}

/** Waits until a page shows the call from within. */
export async function isInside(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Leave' }).waitFor();
}

/** The picture of somebody in a call. */
export const pictureOf = (page: Page, name: string) => page.getByRole('figure', { name, exact: true });

/** Waits until more and more frames of a picture are shown. */
export async function seesMoving(page: Page, name: string): Promise<void> {
  const video = pictureOf(page, name).locator('video');
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
  await until(`a moving picture of ${name}`, async () => (await frames()) > before + 5);
}

/** What a page receives, summed over all it receives; the page was opened with `keepConnections`. */
async function received(page: Page): Promise<{ framesDecoded: number; audioEnergy: number }> {
  const rows = (await page.evaluate(`Promise.all(
    window.connections.filter(({ connectionState }) => connectionState === 'connected').map((each) => each.getStats()),
  ).then((reports) => reports.flatMap((report) => [...report.values()]).filter(({ type }) => type === 'inbound-rtp'))`)) as {
    framesDecoded?: number;
    totalAudioEnergy?: number;
  }[];
  const sum = (of: (row: (typeof rows)[number]) => number | undefined) =>
    rows.reduce((total, row) => total + (of(row) ?? 0), 0);
  return { framesDecoded: sum((row) => row.framesDecoded), audioEnergy: sum((row) => row.totalAudioEnergy) };
}

/** Waits until a page decodes more and more frames, and hears sound that is not silence. */
export async function receivesMedia(page: Page): Promise<void> {
  const before = await received(page);
  await until('frames are decoded and voices are heard', async () => {
    const now = await received(page);
    return now.framesDecoded > before.framesDecoded + 5 && now.audioEnergy > before.audioEnergy;
  });
}
