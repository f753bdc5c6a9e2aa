import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltService, createStaticDiscovery, defineService, noKeys } from '@tandem/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPages, checkPages } from '../src/pages.ts';

let folder: string;
let service: BuiltService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-web-'));
  await mkdir(join(folder, 'dist/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not for anybody');
  await writeFile(join(folder, 'dist/index.html'), '<!doctype html><title>Tandem</title>');
  await writeFile(join(folder, 'dist/icon.svg'), '<svg/>');
  await writeFile(join(folder, 'dist/assets/index-abc.js'), 'export {};');
  const pages = defineService({
    name: 'web',
    description: 'For tests.',
    routes: (app) => addPages(app, join(folder, 'dist')),
  });
  service = await pages.build({ env: { LOG_LEVEL: 'error' }, discovery: createStaticDiscovery({}) });
});

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

const get = (url: string, method: 'GET' | 'HEAD' = 'GET') => service.app.inject({ method, url });

describe('the pages', () => {
  test.each(['/', '/?x=1', '/r/abc', '/r/abc/'])('%s is the client', async (path) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('<title>Tandem</title>');
    // Whoever comes after a new version gets that version.
    expect(answer.headers['cache-control']).toBe('no-cache');
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe-eval');
  });

  test('what has its content in its name is kept for good, the rest is asked for again', async () => {
    const script = await get('/assets/index-abc.js');
    expect(script.headers['content-type']).toContain('javascript');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const icon = await get('/icon.svg');
    expect(icon.headers['cache-control']).toBe('no-cache');
    const again = await service.app.inject({
      url: '/icon.svg',
      headers: { 'if-none-match': String(icon.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
    expect((await get('/assets/index-abc.js', 'HEAD')).statusCode).toBe(200);
  });

  test.each([
    '/nothing.js',
    '/assets/index-old.js',
    '/api/nobody',
    '/internal/auth/session',
    '/anything/else',
    '/r/a/b',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%00.js',
    '/.hidden',
  ])('%s is not there', async (path) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['cache-control'] ?? 'no-store').not.toContain('immutable');
    expect(answer.body).not.toContain('not for anybody');
  });

  test('nothing is written here', async () => {
    const answer = await service.app.inject({ method: 'POST', url: '/r/abc', payload: {} });
    expect(answer.statusCode).toBe(404);
  });
});

test('a service that was not built is not ready, and says how to build it', async () => {
  const nothing = join(folder, 'nothing');
  const pages = defineService({
    name: 'web',
    description: 'For tests.',
    tokenKeys: noKeys,
    async routes(app, { readyWhen }) {
      readyWhen('pages', () => checkPages(nothing));
      await addPages(app, nothing);
    },
  });
  const empty = await pages.build({ env: { LOG_LEVEL: 'error' }, discovery: createStaticDiscovery({}) });
  const answer = await empty.app.inject('/healthz/ready');
  expect(answer.statusCode).toBe(503);
  expect(answer.json().checks.pages).toContain('npm run build');
  await empty.stop();
});
