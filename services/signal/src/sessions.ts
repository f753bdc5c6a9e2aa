import type { Logger, Static } from '@tandem/common';
import type { Call } from './frames.ts';
import type { Admission } from './grant.ts';
import type { MediaGateway, MediaLink } from './media-gateway.ts';
import type { Hello, Resume } from './protocol/client-frames.ts';
import type { ServerFrame } from './protocol/index.ts';
import type { ByeReason } from './protocol/server-frames.ts';
import { grantRefused, noMedia, notPermitted, participantUnknown } from './refusals.ts';
import type { RoomFeeds } from './room-feeds.ts';
import type { RoomStore, Session, Told } from './room-store.ts';

/** Where a session's frames go. */
export interface Outlet {
  send(frame: ServerFrame): void;
  bye(reason: ByeReason, error?: unknown): void;
}

/** A session that is connected here. */
export interface ActiveSession {
  handle(call: Call): Promise<unknown>;
  /** The connection has ended; the session may go on elsewhere. */
  disconnected(): void;
}

export interface SessionsOptions {
  store: RoomStore;
  feeds: RoomFeeds;
  media: MediaGateway;
  readGrant(grant: string): Promise<Admission>;
  resumeWithinMs: number;
  log: Logger;
}

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
      seen: { room: seen, media: 0 },
    });
    return this.#activate(session, outlet, seen, 0, grant);
  }

  async #resume(frame: Static<typeof Resume>, outlet: Outlet): Promise<ActiveSession | null> {
    const { store } = this.#options;
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
      seen: { room: seen, media: frame.seen.media },
    });
    return this.#activate(session, outlet, seen, frame.seen.media, null);
  }

  async #activate(
    session: Session,
    outlet: Outlet,
    seen: string,
    mediaSeen: number,
    grant: string | null,
  ): Promise<ActiveSession> {
    const active = new Active(session, outlet, grant, this.#options, () => this.#active.delete(active));
    this.#active.add(active);
    await active.begin(seen, mediaSeen);
    return active;
  }

  /** Says of each session that it goes on, and ends those of people who did not come back. */
  #tend(): void {
    const { store, feeds, log } = this.#options;
    const failed = (error: unknown) => log.debug({ err: error }, 'sessions wait for Redis');
    for (const active of this.#active) active.renew().catch(failed);
    for (const room of feeds.rooms()) store.sweep(room).catch(failed);
  }
}

/** One session, connected. */
class Active implements ActiveSession {
  readonly #session: Session;
  readonly #outlet: Outlet;
  readonly #options: SessionsOptions;
  readonly #gone: () => void;
  #grant: string | null;
  #unfollow: () => void = () => undefined;
  #link: MediaLink | null = null;
  #isOver = false;

  constructor(
    session: Session,
    outlet: Outlet,
    grant: string | null,
    options: SessionsOptions,
    gone: () => void,
  ) {
    this.#session = session;
    this.#outlet = outlet;
    this.#grant = grant;
    this.#options = options;
    this.#gone = gone;
  }

  send(frame: ServerFrame): void {
    if (!this.#isOver) this.#outlet.send(frame);
  }

  async begin(seen: string, mediaSeen: number): Promise<void> {
    const { feeds } = this.#options;
    this.#unfollow = await feeds.follow(this.#session.admission.room, seen, (told) => this.#told(told));
    if (this.#isOver) this.#unfollow();
    else if (this.#session.media !== null) this.#listen(mediaSeen);
  }

  async renew(): Promise<void> {
    if (!(await this.#options.store.renew(this.#session))) this.end('replaced');
  }

  end(reason: ByeReason): void {
    if (this.#isOver) return;
    this.#outlet.bye(reason);
    this.disconnected();
  }

  disconnected(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unfollow();
    this.#link?.close();
    this.#gone();
  }

  async handle(call: Call): Promise<unknown> {
    const { store, media } = this.#options;
    const { id, admission } = this.#session;
    const { room } = admission;
    switch (call.method) {
      case 'self.hand':
        await store.change(this.#session, { hand: call.params.raised });
        return {};
      case 'self.react':
        await store.tell(room, id, { type: 'reaction', participant: id, emoji: call.params.emoji });
        return {};
      case 'self.leave':
        await this.#leave();
        return {};
      case 'moderate.mute': {
        this.#require('moderate');
        const { participant, source } = call.params;
        if (!(await store.tell(room, participant, { type: 'muted', participant, by: id, source })))
          throw participantUnknown();
        return {};
      }
      case 'moderate.remove':
        this.#require('moderate');
        if (!(await store.leave(room, call.params.participant, 'removed'))) throw participantUnknown();
        return {};
      case 'moderate.rights': {
        this.#require('moderate');
        const { participant } = call.params;
        if (!(await store.tell(room, participant, { type: 'rights', participant })))
          throw participantUnknown();
        return {};
      }
      case 'self.grant':
        return this.#readmit(call.params.grant);
      case 'media.join':
        return this.#joinMedia(call.params.grant);
      default: {
        const { media: place } = this.#session;
        if (place === null) throw noMedia();
        return media.call(place, call);
      }
    }
  }

  #require(permission: string): void {
    if (!this.#session.admission.permissions.includes(permission)) throw notPermitted();
  }

  async #readmit(grant: string): Promise<unknown> {
    const { store, readGrant } = this.#options;
    const former = this.#session.admission;
    const admission = await readGrant(grant);
    if (admission.user !== former.user || admission.room !== former.room)
      throw grantRefused('It is for somebody else, or for another room.');
    this.#grant = grant;
    this.#session.admission = admission;
    await store.change(this.#session, { role: admission.role }, admission);
    return { permissions: admission.permissions };
  }

  /** Enters the media server of the room; the former place there, if there is one, is given up. */
  async #joinMedia(fresh: string | undefined): Promise<unknown> {
    const { store, media } = this.#options;
    const grant = fresh ?? this.#grant;
    if (grant === null) throw noMedia('A resumed session needs a fresh grant.');
    this.#grant = grant;
    const { place, state } = await media.join(this.#session.admission.room, grant);
    const former = this.#session.media;
    this.#link?.close();
    this.#session.media = place;
    await store.keepMedia(this.#session, place);
    await store.change(this.#session, { peer: place.peer });
    this.#listen(0);
    if (former !== null) media.leave(former).catch(() => undefined);
    return { peer: place.peer, state };
  }

  #listen(seen: number): void {
    const { media } = this.#options;
    const place = this.#session.media;
    if (place === null) return;
    this.#link = media.listen(place, seen, (entry) => {
      if (this.#session.media === place) this.send({ type: 'event', from: 'media', ...entry });
    });
  }

  async #leave(): Promise<void> {
    const { store, media } = this.#options;
    const { id, admission, media: place } = this.#session;
    await store.leave(admission.room, id, 'left');
    if (place !== null) await media.leave(place).catch(() => undefined);
  }

  #told(told: Told | null): void {
    if (told === null) {
      this.#resync().catch(() => this.end('moving'));
      return;
    }
    const { event } = told;
    this.send({ type: 'event', from: 'room', ...told });
    if (event.type === 'left' && event.participant === this.#session.id) {
      this.end(event.why === 'removed' ? 'removed' : 'ended');
      if (event.why === 'removed' && this.#session.media !== null)
        this.#options.media.leave(this.#session.media).catch(() => undefined);
    }
  }

  async #resync(): Promise<void> {
    const { store } = this.#options;
    const { room } = this.#session.admission;
    const seen = await store.latest(room);
    this.send({ type: 'resumed', participants: await store.people(room), seen: { room: seen, media: 0 } });
  }
}
