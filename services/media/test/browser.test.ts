import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@tandem/common/testing';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Joined, type Running, startMedia } from './support.ts';
import { isProgram, workerBin } from './worker-bin.ts';

const browser = process.env.CHROMIUM ?? '/usr/bin/chromium';
const canRun = workerBin() !== undefined && isProgram(browser);

interface Figures {
  framesDecoded: number;
  width: number;
  packets: number;
  energy: number;
}

/** Two pages of a real Chromium with fake devices: what one sends is decoded by the other. */
describe.skipIf(!canRun)('media between browsers', () => {
  let running: Running;
  let pages: Server;
  let profile: string;
  let context: BrowserContext;

  beforeAll(async () => {
    running = await startMedia({ PEER_TIMEOUT_MS: '600000', LOG_LEVEL: 'warn' });
    const script = await bundle();
    pages = createServer(({ url }, response) => {
      const isScript = url === '/page.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : '<!doctype html><title>call</title><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    profile = await mkdtemp(join(tmpdir(), 'tandem-chromium-'));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: browser,
      timeout: 100_000,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
        ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
        ...['--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'],
        '--disable-features=WebRtcHideLocalIpsWithMdns',
      ],
    });
    context.setDefaultTimeout(100_000);
  });

  afterAll(async () => {
    await context?.close();
    pages?.closeAllConnections();
    pages?.close();
    if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    await running?.[Symbol.asyncDispose]();
  });

  async function open(peer: Joined): Promise<Page> {
    const page = await context.newPage();
    await page.exposeFunction('media', async (...request: Parameters<Joined['send']>) => {
      const { status, body } = await peer.send(...request);
      if (status >= 400) throw new Error(`${request.slice(0, 2).join(' ')}: ${JSON.stringify(body)}`);
      return body;
    });
    const address = pages.address();
    await page.goto(
      `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}/`,
    );
    await page.evaluate('call.enter()');
    return page;
  }

  test('audio and three sizes of video arrive; the viewer chooses the size', async () => {
    const [ada, ben] = [await running.join('ada'), await running.join('ben')];
    const [adas, bens] = [await open(ada), await open(ben)];
    const sent = await adas.evaluate<{ camera: string; microphone: string }>('call.send()');
    const video = await bens.evaluate<string>(`call.receive('${sent.camera}')`);
    const audio = await bens.evaluate<string>(`call.receive('${sent.microphone}')`);
    const figures = (id: string) => bens.evaluate<Figures>(`call.figures('${id}')`);

    await waitFor('pictures are decoded', async () => (await figures(video)).framesDecoded > 5);
    await waitFor('sound is heard', async () => (await figures(audio)).energy > 0);

    for (const [spatialLayer, width] of [320, 640, 1280].entries()) {
      await ben.send('PATCH', `/consumers/${video}`, { layers: { spatialLayer } });
      await waitFor(
        `the picture is ${width} wide`,
        async () => (await figures(video)).width === width,
        100_000,
      );
    }

    await ben.send('PATCH', `/consumers/${video}`, { paused: true });
    const { framesDecoded } = await figures(video);
    await ben.send('PATCH', `/consumers/${video}`, { paused: false });
    await waitFor('pictures go on', async () => (await figures(video)).framesDecoded > framesDecoded + 5);
    expect(running.log.lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  }, 300_000);
});

async function bundle(): Promise<string> {
  const build = await rolldown({
    input: join(import.meta.dirname, 'browser/page.js'),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'iife' });
  await build.close();
  return output[0].code;
}
