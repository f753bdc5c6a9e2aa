import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { App } from '@tandem/common';

/** Vite gives each of these a name that changes with its content. */
const assets = '/assets/';

/**
 * Scripts, styles and pictures come from here and nowhere else; calls go to here. React Aria sets styles of elements
 * while they move, hence 'unsafe-inline' for styles.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ');

/** Where one can be in the client: the start, and every room. */
const places = /^\/(?:r\/[^/]+\/?)?$/;

/** Out of the folder, to what is hidden in it, or to no file at all. */
const leadsAway = /\/\.|[\\\0]/;

/** Passes when the client was built. @param folder what `vite build` made */
export async function checkPages(folder: string): Promise<void> {
  await access(join(folder, 'index.html')).catch(() => {
    throw new Error(`there is no index.html in ${folder}: run \`npm run build\` in services/web`);
  });
}

/**
 * Serves the built client: its page at every place in it, and its files.
 *
 * @param folder what `vite build` made
 */
export async function addPages(app: App, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
  app.get<{ Params: { '*': string } }>(
    '/*',
    { config: { access: 'public' }, schema: { hide: true } },
    async (request, reply) => {
      const path = `/${request.params['*']}`;
      const isFile = /\.[^/]*$/.test(path);
      const isPlace = places.test(path);
      // What is asked for elsewhere belongs to a service that is not there, or to nobody.
      if (leadsAway.test(path) || !(isFile || isPlace)) return reply.callNotFound();
      reply.header(
        'cache-control',
        isFile && path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
      if (isFile) return reply.sendFile(path);
      reply.header('content-security-policy', contentSecurityPolicy);
      return reply.type('text/html; charset=utf-8').sendFile('index.html');
    },
  );
}
