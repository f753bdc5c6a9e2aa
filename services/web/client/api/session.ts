import { Problem } from './problem.ts';
import { request } from './request.ts';

/** Who is signed in. */
export interface Person {
  id: string;
  name: string;
  /** Null for a guest, who has a name for one call and no account. */
  email: string | null;
}

interface Tokens {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  refreshToken: string;
}

interface Kept {
  person: Person;
  refreshToken: string;
  accessToken: string;
  /** Milliseconds since 1970, by this machine's clock. */
  expiresAt: number;
}

const storageKey = 'tandem.session';

/** A token that lasts no longer than that is exchanged before it is used, in milliseconds. */
const marginMs = 60_000;

/**
 * The session of this browser, shared by its tabs. The access token is exchanged in time; the refresh token works once, so
 * tabs take turns.
 */
export class Session {
  #kept: Kept | null = read();
  readonly #listeners = new Set<() => void>();

  constructor() {
    // Another tab signed in or out, or exchanged the tokens.
    addEventListener('storage', (event) => {
      if (event.key === storageKey || event.key === null) this.#take(read());
    });
  }

  /** Null when nobody is signed in. The same object until it changes. */
  get person(): Person | null {
    return this.#kept?.person ?? null;
  }

  /** Calls back when another person is signed in, or nobody. @returns ends that */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async register(name: string, email: string, password: string): Promise<void> {
    await this.#open('/api/auth/register', { name, email, password });
  }

  async logIn(email: string, password: string): Promise<void> {
    await this.#open('/api/auth/login', { email, password });
  }

  async enterAsGuest(name: string): Promise<void> {
    await this.#open('/api/auth/guests', { name });
  }

  /** Forgets the tokens at once, and tells auth if it can be reached. */
  async logOut(): Promise<void> {
    const refreshToken = this.#kept?.refreshToken;
    this.#keep(null);
    if (refreshToken === undefined) return;
    await request('/api/auth/logout', { method: 'POST', body: { refreshToken } }).catch(() => undefined);
  }

  /**
   * An access token that lasts for a while.
   * @throws Problem `session-ended` when nobody is signed in any more
   */
  async token(): Promise<string> {
    if (this.#kept !== null && this.#kept.expiresAt - Date.now() > marginMs) return this.#kept.accessToken;
    return navigator.locks.request('tandem.refresh', async () => {
      // Another tab may have done it while this one waited.
      this.#take(read());
      const kept = this.#kept;
      if (kept === null) throw new Problem(401, 'session-ended', 'nobody is signed in');
      if (kept.expiresAt - Date.now() > marginMs) return kept.accessToken;
      try {
        const tokens = await request<Tokens>('/api/auth/refresh', {
          method: 'POST',
          body: { refreshToken: kept.refreshToken },
        });
        this.#keep({ ...kept, ...lasting(tokens) });
        return tokens.accessToken;
      } catch (error) {
        if (error instanceof Problem && error.status === 401) this.#keep(null);
        throw error;
      }
    });
  }

  async #open(path: string, body: object): Promise<void> {
    const answer = await request<Tokens & { user: { id: string; name: string; email?: string } }>(path, {
      method: 'POST',
      body,
    });
    const { id, name, email = null } = answer.user;
    this.#keep({ person: { id, name, email }, ...lasting(answer) });
  }

  #keep(kept: Kept | null): void {
    try {
      if (kept === null) localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, JSON.stringify(kept));
    } catch {
      // Without storage the session lasts as long as the tab.
    }
    this.#take(kept);
  }

  #take(kept: Kept | null): void {
    const before = this.#kept?.person;
    const same = before?.id === kept?.person.id && before?.name === kept?.person.name;
    this.#kept = kept !== null && same && before !== undefined ? { ...kept, person: before } : kept;
    if (!same) for (const listener of this.#listeners) listener();
  }
}

function lasting({ accessToken, expiresIn, refreshToken }: Tokens): Omit<Kept, 'person'> {
  return { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1_000 };
}

/** What is kept by this browser; null for nothing, and for what nobody of ours has written. */
function read(): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Partial<Kept> | null;
    const person = kept?.person;
    return typeof kept?.refreshToken === 'string' &&
      typeof kept.accessToken === 'string' &&
      typeof kept.expiresAt === 'number' &&
      typeof person?.id === 'string' &&
      typeof person.name === 'string'
      ? ({ ...kept, person: { ...person, email: person.email ?? null } } as Kept)
      : null;
  } catch {
    return null;
  }
}
