import { Shell } from './shell.ts';

declare const self: ServiceWorkerGlobalScope;

/** Put in by the build. */
declare const __FILES__: readonly string[];
declare const __VERSION__: string;

const shell = new Shell(__VERSION__, __FILES__, {
  caches: self.caches,
  fetch: (request, options) => fetch(request, options),
});

self.addEventListener('install', (event) => {
  event.waitUntil(shell.install().then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(shell.activate().then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  const answer = shell.answer(event.request, self.location.origin);
  if (answer !== null) event.respondWith(answer);
});
