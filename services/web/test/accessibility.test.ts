import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltService, createStaticDiscovery, defineService } from '@tandem/common';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../../../tests/support/axe.ts';
import { hasChromium, openChromium } from '../../../tests/support/browser.ts';
import { addPages } from '../src/pages.ts';

/** What can be seen without any other service, in the light and in the dark. */
describe.skipIf(!hasChromium())('pages that everybody can use', () => {
  let folder: string;
  let service: BuiltService;
  let url: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-pages-'));
    const configFile = join(import.meta.dirname, '../vite.config.ts');
    const root = join(import.meta.dirname, '../client');
    await build({ configFile, root, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
    const web = defineService({
      name: 'web',
      description: 'For tests.',
      routes: (app) => addPages(app, folder),
    });
    const env = { LOG_LEVEL: 'error', PORT: '0' };
    service = await web.build({ env, discovery: createStaticDiscovery({}) });
    url = await service.listen();
    browser = await openChromium();
    const context = await browser.newContext({
      ...{ permissions: ['camera', 'microphone'], locale: 'en-GB', serviceWorkers: 'block' as const },
      viewport: { width: 390, height: 844 },
    });
    context.setDefaultTimeout(60_000);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the start, and what opens on it', async () => {
    await page.goto(url);
    await page.getByLabel('E-mail address').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: /English/ }).press('Enter');
    await page.getByRole('listbox').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  test('the start in another language, without a network', async () => {
    await page.getByRole('button', { name: /English/ }).press('Enter');
    await page.getByRole('option', { name: 'Deutsch' }).press('Enter');
    await page.context().setOffline(true);
    await page.getByText('Es gibt kein Netz').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.context().setOffline(false);
    await page.getByText('Es gibt kein Netz').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.documentElement.lang')).toBe('de');
  });

  test('the look in the mirror', async () => {
    await page.goto(`${url}/r/k3fj2`);
    await page.getByRole('meter').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });
});
