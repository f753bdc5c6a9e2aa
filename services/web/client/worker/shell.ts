/** What a service worker needs of the browser, so that what it decides can be tested without one. */
export interface Surroundings {
  caches: Pick<CacheStorage, 'open' | 'keys' | 'delete' | 'match'>;
  fetch(request: Request | string, options?: RequestInit): Promise<Response>;
}

const prefix = 'shell-';

/** Every place in the client is this page. */
const page = '/';

/** As in src/pages.ts: the start, and every room. */
const places = /^\/(?:r\/[^/]+\/?)?$/;

/** After so long without an answer the kept page is shown, in ms: a network that is there and carries nothing. */
const PATIENCE_MS = 4_000;

/**
 * The app as it was loaded last, for when there is no network: its page and its files, and nothing else. Pages come from the
 * network where there is one, so that nobody is stuck with an old version; files have their content in their name, and
 * those of the version before stay for pages that are still open.
 */
export class Shell {
  readonly #files: ReadonlySet<string>;
  readonly #name: string;
  readonly #around: Surroundings;

  /** @param files paths of all files of this version, and `version`, which is another one whenever they are */
  constructor(version: string, files: readonly string[], around: Surroundings) {
    this.#name = `${prefix}${version}`;
    this.#files = new Set(files);
    this.#around = around;
  }

  /** Keeps all of this version, or nothing. */
  async install(): Promise<void> {
    const cache = await this.#around.caches.open(this.#name);
    const requests = [page, ...this.#files].map((path) => new Request(path, { cache: 'no-cache' }));
    await cache.addAll(requests);
  }

  /** Forgets all versions but this one and the one before it. */
  async activate(): Promise<void> {
    const names = (await this.#around.caches.keys()).filter((name) => name.startsWith(prefix));
    const former = names.filter((name) => name !== this.#name).at(-1);
    for (const name of names)
      if (name !== this.#name && name !== former) await this.#around.caches.delete(name);
  }

  /** @returns null for what is none of its business: that goes its way as if there were no worker */
  answer(request: Request, origin: string): Promise<Response> | null {
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== origin) return null;
    if (request.mode === 'navigate') return places.test(url.pathname) ? this.#page(request) : null;
    return this.#files.has(url.pathname) || url.pathname.startsWith('/assets/') ? this.#file(request) : null;
  }

  async #page(request: Request): Promise<Response> {
    try {
      const response = await this.#around.fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
      // The page itself is away while it is being replaced: the one that is here does as well.
      if (response.status < 500) return response;
    } catch {
      // No network.
    }
    const cache = await this.#around.caches.open(this.#name);
    return (await cache.match(page)) ?? Response.error();
  }

  /** From whichever version has it. What is asked for by another name, as with a query, is not ours. */
  async #file(request: Request): Promise<Response> {
    return (await this.#around.caches.match(request)) ?? this.#around.fetch(request);
  }
}
