import { request } from './request.ts';
import type { Session } from './session.ts';

/** Who gets in without being invited: everybody, whom a moderator admits, nobody. */
export type Entry = 'open' | 'lobby' | 'invited';
export type Permission = 'receive' | 'send' | 'share-screen' | 'chat' | 'moderate';

export interface RoomSettings {
  entry: Entry;
  guests: boolean;
  participantsMay: Exclude<Permission, 'receive' | 'moderate'>[];
}

export interface Room {
  id: string;
  name: string;
  mine: boolean;
  /** ISO 8601; null for a room without a time. */
  startsAt: string | null;
  minutes: number | null;
  settings: RoomSettings;
  createdAt: string;
  closedAt: string | null;
}

/** What a person may do in a room for the next two minutes, signed by the service. */
export interface Grant {
  grant: string;
  /** Seconds. */
  expiresIn: number;
  role: 'moderator' | 'participant' | 'lobby';
  permissions: Permission[];
  room: Room;
}

export interface NewRoom {
  name: string;
  startsAt: string | null;
  minutes: number | null;
  settings: Pick<RoomSettings, 'entry' | 'guests'>;
}

export interface Invitation {
  id: string;
  userId: string | null;
  email: string | null;
}

export interface Waiting {
  userId: string;
  name: string;
}

/** The service `rooms`, as the person who is signed in sees it. Every call may throw a Problem. */
export class Rooms {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async create(room: NewRoom, key: string): Promise<Room> {
    return this.#send('/api/rooms', { method: 'POST', body: room, idempotencyKey: key });
  }

  /** The next twenty that begin, and those without a time; the soonest first. */
  async upcoming(signal: AbortSignal): Promise<Room[]> {
    const { rooms } = await this.#send<{ rooms: Room[] }>('/api/rooms?limit=20&upcoming=true', { signal });
    return rooms;
  }

  /** Those that were made last. */
  async latest(signal: AbortSignal): Promise<Room[]> {
    const { rooms } = await this.#send<{ rooms: Room[] }>('/api/rooms?limit=20&upcoming=false', { signal });
    return rooms;
  }

  async get(room: string, signal: AbortSignal): Promise<Room> {
    return this.#send(`/api/rooms/${encodeURIComponent(room)}`, { signal });
  }

  /** For moderators. Whoever is inside stays inside. */
  async setEntry(room: string, entry: Entry): Promise<Room> {
    return this.#send(`/api/rooms/${encodeURIComponent(room)}`, {
      method: 'PATCH',
      body: { settings: { entry } },
    });
  }

  /** Who waits to be let in. */
  async lobby(room: string, signal: AbortSignal): Promise<Waiting[]> {
    const path = `/api/rooms/${encodeURIComponent(room)}/lobby`;
    return (await this.#send<{ waiting: Waiting[] }>(path, { signal })).waiting;
  }

  /** Lets somebody in, or keeps them out, for a day. */
  async decide(room: string, user: string, isAdmitted: boolean): Promise<void> {
    const path = `/api/rooms/${encodeURIComponent(room)}/admissions/${encodeURIComponent(user)}`;
    await this.#send(path, { method: isAdmitted ? 'PUT' : 'DELETE' });
  }

  /** For the owner of the room; a guest cannot become one. */
  async makeModerator(room: string, user: string): Promise<void> {
    const path = `/api/rooms/${encodeURIComponent(room)}/moderators/${encodeURIComponent(user)}`;
    await this.#send(path, { method: 'PUT' });
  }

  async close(room: string): Promise<void> {
    await this.#send(`/api/rooms/${encodeURIComponent(room)}`, { method: 'DELETE' });
  }

  async join(room: string, code: string | null): Promise<Grant> {
    return this.#send(`/api/rooms/${encodeURIComponent(room)}/join`, {
      method: 'POST',
      body: code === null ? {} : { code },
      // Each join gives a grant of its own, so that a repeated one does no harm.
      idempotencyKey: crypto.randomUUID(),
    });
  }

  async invite(room: string, who: { userId: string } | { email: string }): Promise<Invitation> {
    return this.#send(`/api/rooms/${encodeURIComponent(room)}/invitations`, {
      method: 'POST',
      body: who,
      idempotencyKey: crypto.randomUUID(),
    });
  }

  async invitations(room: string, signal: AbortSignal): Promise<Invitation[]> {
    const path = `/api/rooms/${encodeURIComponent(room)}/invitations`;
    return (await this.#send<{ invitations: Invitation[] }>(path, { signal })).invitations;
  }

  async takeBack(room: string, invitation: string): Promise<void> {
    const path = `/api/rooms/${encodeURIComponent(room)}/invitations/${encodeURIComponent(invitation)}`;
    await this.#send(path, { method: 'DELETE' });
  }

  async #send<Answer>(path: string, options: Parameters<typeof request>[1]): Promise<Answer> {
    return request<Answer>(path, { ...options, token: await this.#session.token() });
  }
}
