import { request } from './request.ts';
import type { Session } from './session.ts';

export type PresenceState = 'here' | 'in-call';

const path = '/api/presence';

/** Twice within the time after which the service takes a page for gone, in milliseconds. */
const againMs = 30_000;

/**
 * Says that this page is there as long as somebody with an account is signed in, and asks who else is. Nothing depends on it:
 * what cannot be said now is said the next time.
 */
export class Presence {
  readonly #session: Session;
  /** Of several pages each speaks for itself. */
  readonly #page = crypto.randomUUID();
  #state: PresenceState = 'here';

  constructor(session: Session) {
    this.#session = session;
    const say = () => void this.#say();
    say();
    setInterval(say, againMs);
    session.subscribe(say);
    // Back from the cache of pages, it is there again.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) say();
    });
    addEventListener('pagehide', () => void this.#leave());
  }

  say(state: PresenceState): void {
    if (state === this.#state) return;
    this.#state = state;
    void this.#say();
  }

  /** Those of the users, at most a hundred, who are there. @throws Problem */
  async of(users: readonly string[], signal: AbortSignal): Promise<Map<string, PresenceState>> {
    if (users.length === 0 || !this.#hasAccount) return new Map();
    const { presences } = await request<{ presences: { user: string; state: PresenceState }[] }>(
      `${path}?${new URLSearchParams({ ids: users.join(',') })}`,
      { token: await this.#session.token(), signal },
    );
    return new Map(presences.map(({ user, state }) => [user, state]));
  }

  get #hasAccount(): boolean {
    return this.#session.person !== null && this.#session.person.email !== null;
  }

  async #say(): Promise<void> {
    if (!this.#hasAccount) return;
    const body = { state: this.#state, page: this.#page };
    await this.#session
      .token()
      .then((token) => request(`${path}/me`, { method: 'PUT', body, token }))
      .catch(() => undefined);
  }

  async #leave(): Promise<void> {
    if (!this.#hasAccount) return;
    await this.#session
      .token()
      .then((token) =>
        request(`${path}/me?page=${this.#page}`, { method: 'DELETE', token, outlivesPage: true }),
      )
      .catch(() => undefined);
  }
}
