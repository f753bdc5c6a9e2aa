import type { Logger, StreamFeeds } from '@tandem/common';
import type { Call } from './frames.ts';
import type { Admission } from './grant.ts';
import type { IceServers } from './ice-servers.ts';
import type { MediaEntry } from './media-events.ts';
import type { MediaGateway, MediaLink } from './media-gateway.ts';
import type { Seen } from './protocol/client-frames.ts';
import type { ServerFrame } from './protocol/index.ts';
import type { ByeReason } from './protocol/server-frames.ts';
import { grantRefused, noMedia, notPermitted, participantUnknown } from './refusals.ts';
import type { MediaPeer, RoomStore, Session, Told } from './room-store.ts';

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
  /** What happens in rooms. */
  feeds: StreamFeeds<Told>;
  media: MediaGateway;
  iceServers: IceServers;
  readGrant(grant: string): Promise<Admission>;
  resumeWithinMs: number;
  log: Logger;
}

/** At most so many peers at once: the one that is left, and the one that takes its place. */
const MOST_PEERS = 2;

/** One session, connected. */
export class Active implements ActiveSession {
  readonly #session: Session;
  readonly #outlet: Outlet;
  readonly #options: SessionsOptions;
  readonly #gone: () => void;
  #grant: string | null;
  readonly #end = new AbortController();
  /** By peer. */
  readonly #links = new Map<string, MediaLink>();
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

  async begin(seen: Seen): Promise<void> {
    // First of all: what is said there may be that the call has to move.
    for (const place of this.#session.media) this.#listen(place, seen.media[place.peer] ?? 0);
    const { feeds } = this.#options;
    const { room } = this.#session.admission;
    await feeds.follow(room, seen.room, (told) => this.#told(told), this.#end.signal);
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
    this.#end.abort();
    for (const link of this.#links.values()) link.close();
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
      case 'self.caption':
        this.#require('send');
        await store.tell(room, id, { type: 'caption', participant: id, ...call.params });
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
      case 'self.ice-servers':
        return { iceServers: await this.#options.iceServers(id) };
      case 'media.join':
        return this.#joinMedia(call.params.grant);
      case 'media.leave':
        await this.#leaveMedia(this.#placeOf(call.params.peer));
        return {};
      default:
        return media.call(this.#placeOf(call.params.peer), call);
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

  /** Enters the media server of the room, beside the place that the session has already. */
  async #joinMedia(fresh: string | undefined): Promise<unknown> {
    const grant = fresh ?? this.#grant;
    if (grant === null) throw noMedia('A resumed session needs a fresh grant.');
    this.#grant = grant;
    const { id, admission } = this.#session;
    const { media, iceServers: iceServersFor } = this.#options;
    const [{ place, state, transports }, iceServers] = await Promise.all([
      media.join(admission.room, grant, id),
      iceServersFor(id),
    ]);
    const surplus = this.#session.media.slice(0, -(MOST_PEERS - 1));
    await this.#keep([...this.#session.media, place]);
    this.#listen(place, Number(state.events));
    for (const former of surplus) await this.#leaveMedia(former).catch(() => undefined);
    return { peer: place.peer, placement: place.number, state, transports, iceServers };
  }

  /** @throws Problem no-media */
  #placeOf(peer: string): MediaPeer {
    const place = this.#session.media.find((each) => each.peer === peer);
    if (place === undefined) throw noMedia();
    return place;
  }

  async #leaveMedia(place: MediaPeer): Promise<void> {
    this.#links.get(place.peer)?.close();
    this.#links.delete(place.peer);
    await this.#keep(this.#session.media.filter((each) => each !== place));
    // A server that is lost needs not be told, and one that hangs must not be waited for.
    this.#options.media.leave(place).catch(() => undefined);
  }

  async #keep(media: readonly MediaPeer[]): Promise<void> {
    this.#session.media = media;
    await this.#options.store.keepMedia(this.#session);
  }

  #listen(place: MediaPeer, seen: number): void {
    this.#links.get(place.peer)?.close();
    const link = this.#options.media.listen(place, seen, (entry) => {
      if (this.#links.get(place.peer) === link) this.#happened(place, entry);
    });
    this.#links.set(place.peer, link);
  }

  #happened(place: MediaPeer, { seen, event }: MediaEntry): void {
    const { media, log } = this.#options;
    const { room } = this.#session.admission;
    if (event.type === 'draining') {
      if (event.draining === true) media.evacuate(room, place);
      else media.stay(room, place);
      return;
    }
    if (event.type === 'gone' && event.serverLost === true)
      media
        .lost(room, place)
        .catch((error: unknown) => log.warn({ room, err: error }, 'a call lost its place'));
    this.send({ type: 'event', from: 'media', peer: place.peer, seen, event });
  }

  async #leave(): Promise<void> {
    const { id, admission } = this.#session;
    await this.#options.store.leave(admission.room, id, 'left');
    // Not waited for: the room's own word that this session has left ends the connection.
    void this.#leaveMediaAltogether();
  }

  async #leaveMediaAltogether(): Promise<void> {
    const { media } = this.#options;
    await Promise.all(this.#session.media.map((place) => media.leave(place).catch(() => undefined)));
  }

  #told(told: Told | null): void {
    if (told === null) {
      this.#resync().catch(() => this.end('moving'));
      return;
    }
    const { event } = told;
    // People of other media servers stay where they are.
    const here = this.#session.media.at(-1);
    if (
      event.type === 'moved' &&
      event.from !== undefined &&
      here !== undefined &&
      event.from !== here.instance
    )
      return;
    this.send({ type: 'event', from: 'room', ...told });
    if (event.type === 'left' && event.participant === this.#session.id) {
      this.end(event.why === 'removed' ? 'removed' : 'ended');
      if (event.why === 'removed') void this.#leaveMediaAltogether();
    }
  }

  async #resync(): Promise<void> {
    const { store, media } = this.#options;
    const { room } = this.#session.admission;
    const seen = { room: await store.latest(room), media: {} };
    const [participants, placement] = [
      await store.people(room),
      await media.numberOf(room, this.#session.media.at(-1)),
    ];
    this.send({ type: 'resumed', participants, placement, seen });
  }
}
