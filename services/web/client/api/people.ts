import { request } from './request.ts';
import type { Session } from './session.ts';

export interface Found {
  kind: 'person' | 'room';
  id: string;
  name: string;
}

export interface Profile {
  id: string;
  name: string;
  initials: string;
  color: string;
  /** Path of the picture. */
  avatar: string;
}

/** Finds people by a few letters, and tells how they are shown. Every call may throw a Problem. */
export class People {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async search(text: string, signal: AbortSignal): Promise<Found[]> {
    const query = new URLSearchParams({ q: text, kind: 'person', limit: '8' });
    const token = await this.#session.token();
    return (await request<{ results: Found[] }>(`/api/search?${query}`, { token, signal })).results;
  }

  /** At most a hundred ids; those that nobody has are left out. */
  async profiles(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Profile>> {
    if (ids.length === 0) return new Map();
    const query = new URLSearchParams({ ids: ids.join(',') });
    const token = await this.#session.token();
    const { users } = await request<{ users: Profile[] }>(`/api/users?${query}`, { token, signal });
    return new Map(users.map((user) => [user.id, user]));
  }
}
