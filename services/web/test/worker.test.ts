import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltService, createStaticDiscovery, defineService } from '@tandem/common';
import { waitFor } from '@tandem/common/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, openChromium } from '../../../tests/support/browser.ts';
import { addPages } from '../src/pages.ts';
import { buildWorker } from '../worker-plugin.ts';

const entry = join(import.meta.dirname, '../client/worker/worker.ts');

/** The worker that the client has, in a real browser, below the real server; the pages are small. */
describe.skipIf(!hasChromium())('the app without a network', () => {
  let folder: string;
  let service: BuiltService;
  let url: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What is asked of the service below /api. */
  let asked = 0;

  /** Puts another version in the place of the one that is served. */
  async function release(version: string): Promise<void> {
    const file = `/assets/page-${version}.js`;
    await writeFile(join(folder, file), `document.title = 'version ${version}';`);
    const html = `<!doctype html><title>not yet</title><script type="module" src="${file}"></script>`;
    await writeFile(join(folder, 'index.html'), html);
    await writeFile(join(folder, 'worker.js'), await buildWorker(entry, version, [file, '/icon.svg']));
  }

  const title = (expected: string) => waitFor(expected, async () => (await page.title()) === expected);
  const kept = (): Promise<string[]> => page.evaluate('caches.keys()');
  const register = async (version: string) => {
    await page.evaluate(`navigator.serviceWorker.register('/worker.js', { updateViaCache: 'none' })`);
    await waitFor(`version ${version} has taken over`, async () =>
      page.evaluate(`(async () => {
        const { installing, waiting } = await navigator.serviceWorker.ready;
        return !installing && !waiting && !!navigator.serviceWorker.controller && (await caches.keys()).includes('shell-${version}');
      })()`),
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-worker-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await release('one');
    const web = defineService({
      name: 'web',
      description: 'For tests.',
      async routes(app) {
        app.get('/api/web/count', { config: { access: 'public' } }, async () => ({ count: ++asked }));
        await addPages(app, folder);
      },
    });
    const env = { LOG_LEVEL: 'error', PORT: '0' };
    service = await web.build({ env, discovery: createStaticDiscovery({}) });
    url = await service.listen();
    browser = await openChromium();
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    page = await context.newPage();
    await page.goto(url);
    await title('version one');
    await register('one');
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the page of every place is there, as it was; what services answer is not', async () => {
    expect(await page.evaluate(`fetch('/api/web/count').then((answer) => answer.json())`)).toEqual({
      count: 1,
    });
    await context.setOffline(true);
    await page.goto(`${url}/r/k3fj2`);
    await title('version one');
    expect(await page.evaluate(`fetch('/icon.svg').then(({ ok }) => ok)`)).toBe(true);
    expect(await page.evaluate(`fetch('/api/web/count').then(() => 'answered', () => 'no network')`)).toBe(
      'no network',
    );
    // Nothing of the services is kept, and no place that is none.
    const urls = await page.evaluate(`(async () => {
      const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      return (await Promise.all(caches_.map((cache) => cache.keys()))).flat().map(({ url }) => new URL(url).pathname).sort();
    })()`);
    expect(urls).toEqual(['/', '/assets/page-one.js', '/icon.svg']);
    await context.setOffline(false);
  });

  test('a new version is there at the first load, and kept in place of the former one', async () => {
    await release('two');
    await page.goto(url);
    await title('version two');
    await register('two');
    await context.setOffline(true);
    await page.reload();
    await title('version two');
    // Pages that are still open may want a file of theirs.
    expect(await page.evaluate(`fetch('/assets/page-one.js').then(({ ok }) => ok)`)).toBe(true);
    await context.setOffline(false);
    await release('three');
    await page.reload();
    await title('version three');
    await register('three');
    await waitFor('the first version is forgotten', async () => !(await kept()).includes('shell-one'));
    expect((await kept()).sort()).toEqual(['shell-three', 'shell-two']);
  });

  test('a version that is not whole is not taken', async () => {
    await rm(join(folder, 'icon.svg'));
    await release('four');
    await page.reload();
    await title('version four');
    const registering = `navigator.serviceWorker.register('/worker.js', { updateViaCache: 'none' }).then(async (known) => {
      await known.update();
      const { installing } = known;
      if (installing) await new Promise((resolve) => installing.addEventListener('statechange', resolve, { once: true }));
      return installing?.state ?? 'redundant';
    })`;
    expect(await page.evaluate(registering)).toBe('redundant');
    await context.setOffline(true);
    await page.reload();
    await title('version three');
  });
});
