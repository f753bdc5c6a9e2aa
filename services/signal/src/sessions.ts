import type { Static } from '@tandem/common';
import { Active, type ActiveSession, type Outlet, type SessionsOptions } from './active-session.ts';
import type { Hello, Resume, Seen } from './protocol/client-frames.ts';
import type { Session } from './room-store.ts';

/** The sessions that are connected to this instance. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #active = new Set<Active>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tend(), options.resumeWithinMs / 4);
  }

  /**
   * Begins a session, or goes on with one. The answer to the first message is sent here.
   * @returns null when there is no such session any more: that was said, and the connection ends
   * @throws Problem grant-refused or room-full
   */
  async begin(
    frame: Static<typeof Hello> | Static<typeof Resume>,
    outlet: Outlet,
  ): Promise<ActiveSession | null> {
    return frame.type === 'hello' ? this.#hello(frame, outlet) : this.#resume(frame, outlet);
  }

  /** Sends everybody to another instance. */
  move(): void {
    clearInterval(this.#timer);
    for (const active of this.#active) active.end('moving');
  }

  async #hello({ grant }: Static<typeof Hello>, outlet: Outlet): Promise<ActiveSession> {
    const { store, readGrant, resumeWithinMs } = this.#options;
    const admission = await readGrant(grant);
    await store.sweep(admission.room);
    const { session, token, seen } = await store.enter(admission);
    outlet.send({
      type: 'welcome',
      session: session.id,
      token,
      resumeWithinMs,
      permissions: [...admission.permissions],
      participants: await store.people(admission.room),
      seen: { room: seen, media: {} },
    });
    return this.#activate(session, outlet, { room: seen, media: {} }, grant);
  }

  async #resume(frame: Static<typeof Resume>, outlet: Outlet): Promise<ActiveSession | null> {
    const { store, media } = this.#options;
    const session = await store.take(frame.session, frame.token);
    if (session === null) {
      outlet.bye('ended');
      return null;
    }
    const { room } = session.admission;
    const missed = await store.after(room, frame.seen.room);
    // Read before the state: what happens between the two comes twice rather than never.
    const seen = missed === null ? await store.latest(room) : frame.seen.room;
    outlet.send({
      type: 'resumed',
      participants: missed === null ? await store.people(room) : null,
      placement: await media.numberOf(room, session.media.at(-1)),
      seen: { room: seen, media: frame.seen.media },
    });
    return this.#activate(session, outlet, { room: seen, media: frame.seen.media }, null);
  }

  async #activate(
    session: Session,
    outlet: Outlet,
    seen: Seen,
    grant: string | null,
  ): Promise<ActiveSession> {
    const active = new Active(session, outlet, grant, this.#options, () => this.#active.delete(active));
    this.#active.add(active);
    await active.begin(seen);
    return active;
  }

  /** Says of each session that it goes on, and ends those of people who did not come back. */
  #tend(): void {
    const { store, feeds, media, log } = this.#options;
    const failed = (error: unknown) => log.debug({ err: error }, 'sessions wait for Redis');
    for (const active of this.#active) active.renew().catch(failed);
    for (const room of feeds.streams()) {
      store.sweep(room).catch(failed);
      media.renew(room).catch(failed);
    }
  }
}
