import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { stack } from './tandem.ts';
import { until } from './until.ts';

export interface PageOptions extends BrowserContextOptions {
  /** Runs in the page before its own scripts do. */
  script?: string;
}

/** Keeps the connections and the captured tracks of a page, so that a test can look at them. */
export const keepMedia = `
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) { super(...args); window.connections.push(this); }
  };
  window.captured = [];
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    window.captured.push(...stream.getTracks());
    return stream;
  };
`;

/** A script: media go by a TURN server and no other way. After `keepMedia`. */
export const relayedMedia = `
  const relayed = (configuration) => ({ ...configuration, iceTransportPolicy: 'relay' });
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { super(relayed(configuration)); }
    setConfiguration(configuration) { super.setConfiguration(relayed(configuration)); }
  };
`;

/** A script: the camera has this size, in pixels, and so many pictures a second. */
const cameraOf = (width: number, height: number, frameRate: number) => `{
  const capture = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const video = ${JSON.stringify({ width, height, frameRate })};
  navigator.mediaDevices.getUserMedia = (constraints) =>
    capture({ ...constraints, ...(constraints.video && { video }) });
}`;

/** A script: the camera is small and slow, so that many pages fit on a small machine. */
export const smallCamera = cameraOf(320, 180, 10);

/** A script: the camera is as smooth as any, and so large that what is measured is not how fast the machine encodes. */
export const mediumCamera = cameraOf(640, 360, 25);

/** A script: keeps the WebSockets of a page, so that a test can cut them. */
export const keepSockets = `
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...args) { super(...args); window.sockets.push(this); }
  };
`;

/** How many of the pictures that a page receives go on, within a second; the page was opened with `keepMedia`. */
export async function movingPictures(page: Page): Promise<number> {
  return page.evaluate(`(async () => {
    const decoded = async () => {
      const reports = await Promise.all(window.connections.map((each) => each.getStats()));
      const rows = reports.flatMap((report) => [...report.values()]);
      return new Map(rows
        .filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')
        .map(({ trackIdentifier, framesDecoded }) => [trackIdentifier, framesDecoded ?? 0]));
    };
    const before = await decoded();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return [...await decoded()].filter(([track, frames]) => frames > (before.get(track) ?? 0)).length;
  })()`) as Promise<number>;
}

/** A track that a page has captured is lost, as when a device is pulled out; opened with `keepMedia`. */
export async function loseTrack(page: Page, kind: 'audio' | 'video'): Promise<void> {
  await page.evaluate(
    `window.captured.findLast((each) => each.kind === '${kind}').dispatchEvent(new Event('ended'))`,
  );
}

/** Somebody's own browser window, in English, where camera and microphone are allowed. */
export async function openPage(browser: Browser, path: string, options: PageOptions = {}): Promise<Page> {
  const { script, ...others } = options;
  const context = await browser.newContext({
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    // What a test cuts is to be missed: nothing comes from a cache, unless the test is about that.
    serviceWorkers: 'block',
    ...others,
  });
  context.setDefaultTimeout(60_000);
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(`${stack().edge}${path}`);
  return page;
}

/** A script: whoever has registered is signed in, as if they had been here before. */
export const signedIn = ({ user, ...tokens }: Registered): string =>
  `localStorage.setItem('tandem.session', ${JSON.stringify(
    JSON.stringify({
      person: { id: user.id, name: user.name, email: user.email },
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresAt: Date.now() + tokens.expiresIn * 1_000,
    }),
  )});`;

interface Registered {
  user: { id: string; name: string; email: string };
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
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
  // Another track begins to count anew.
  let least = Number.POSITIVE_INFINITY;
  await until(`a moving picture of ${name}`, async () => {
    const now = await frames();
    least = Math.min(least, now);
    return now > least + 5;
  });
}

/** What a page receives, summed over all it receives; the page was opened with `keepMedia`. */
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
