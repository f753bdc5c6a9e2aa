import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Logger, Problem, sendToInstance, UnavailableError } from '@tandem/common';
import { type MediaEntry, readMediaEvents } from './media-events.ts';
import { type MediaCall, peerPath, requestOf } from './media-requests.ts';
import type { MediaServers } from './media-servers.ts';
import { roomFull } from './refusals.ts';
import { type Entrance, type RoomPlaces, stillAt } from './room-places.ts';
import type { MediaPeer } from './room-store.ts';

/** Reads the events of a peer until it is closed. */
export interface MediaLink {
  close(): void;
}

/** What the media server says to whoever enters; the client knows its shapes. */
export interface Entered {
  place: MediaPeer;
  state: Record<string, unknown>;
  transports: Record<string, unknown>;
}

/** A room that has nowhere to go looks again after this, in ms. */
const LOOK_AGAIN_MS = 1_000;

/**
 * The media servers, as sessions see them: on which ones a room is, is kept in Redis, so that all its people meet
 * whichever instance they are connected to. See docs/decisions/0033-moves-of-calls.md.
 */
export class MediaGateway {
  readonly #servers: MediaServers;
  readonly #places: RoomPlaces;
  readonly #log: Logger;
  /** Rooms that look for another place, by room and number of the placement that they leave. */
  readonly #leaving = new Map<string, AbortController>();

  constructor(servers: MediaServers, places: RoomPlaces, log: Logger) {
    this.#servers = servers;
    this.#places = places;
    this.#log = log;
  }

  /** Enters a media server of a room; another one where that is full, or gone. */
  async join(room: string, grant: string, participant: string): Promise<Entered> {
    for (let attempt = 1; ; attempt++) {
      let tried: Entrance | null = null;
      try {
        for await (const entrance of this.#places.entrances(room)) {
          tried = entrance;
          const entered = await this.#enter(room, grant, participant, entrance);
          if (entered !== null) return entered;
          tried = null;
        }
        throw roomFull();
      } catch (error) {
        if (attempt === MOST_ATTEMPTS) throw error;
        if (error instanceof UnavailableError && tried !== null)
          await this.#leave(room, tried.placement, true);
        // Somebody has placed it anew after we looked: look again.
        else if (!isProblem(error, 'placement-stale')) throw error;
      }
    }
  }

  async call(place: MediaPeer, call: MediaCall): Promise<Record<string, unknown>> {
    return sendToInstance('media', place, place.token, requestOf(call));
  }

  async leave(place: MediaPeer): Promise<void> {
    await sendToInstance('media', place, place.token, { method: 'DELETE', path: peerPath(place.peer) });
  }

  /**
   * Hands over what the media server tells a peer, after an event on; connects again by itself. `gone` comes last, when the
   * server or the peer is not there any more.
   */
  listen(place: MediaPeer, seen: number, onEvent: (entry: MediaEntry) => void): MediaLink {
    const end = new AbortController();
    const isThere = () => this.#servers.isThere(place.instance);
    void readMediaEvents(place, seen, { signal: end.signal, onEvent, isThere });
    return { close: () => end.abort() };
  }

  /**
   * Number of the places of the room, for whoever is at a media server: smaller than what they know where they can stay.
   *
   * @param place where they are; undefined for nowhere
   * @returns null where the room has none
   */
  async numberOf(room: string, place: MediaPeer | undefined): Promise<number | null> {
    const places = await this.#places.find(room);
    if (places === null) return null;
    return place !== undefined && stillAt(places, place) !== undefined ? place.number : places.version;
  }

  /** The room is in use. */
  async renew(room: string): Promise<void> {
    await this.#places.renew(room);
  }

  /** A media server was lost: its room goes elsewhere at once, and the room is told. Of many who notice one does it. */
  async lost(room: string, place: MediaPeer): Promise<void> {
    await this.#leave(room, place, true);
  }

  /** Brings a room to another media server as soon as there is one; the room is told. */
  evacuate(room: string, place: MediaPeer): void {
    const key = leavingKey(room, place);
    if (this.#leaving.has(key)) return;
    const end = new AbortController();
    this.#leaving.set(key, end);
    void this.#evacuate(room, place, end.signal).finally(() => this.#leaving.delete(key));
  }

  /** The room can stay where it is. */
  stay(room: string, place: MediaPeer): void {
    this.#leaving.get(leavingKey(room, place))?.abort();
  }

  close(): void {
    for (const end of this.#leaving.values()) end.abort();
  }

  async #evacuate(room: string, place: MediaPeer, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#leave(room, place, false, signal)) return;
      } catch (error) {
        this.#log.debug({ room, err: error }, 'a call that has to move waits');
      }
      await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns false where a room that should leave a server has nowhere to go */
  async #leave(
    room: string,
    entered: Pick<MediaPeer, 'instance' | 'number'>,
    isLost: boolean,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const places = await this.#places.find(room);
    const placement = places === null ? undefined : stillAt(places, entered);
    if (places === null || placement === undefined || signal?.aborted) return true;
    return this.#places.leave(room, placement, places, isLost);
  }

  /** @returns null where the room has as many people there as it should */
  async #enter(
    room: string,
    grant: string,
    participant: string,
    { placement, others, atMost, version }: Entrance,
  ): Promise<Entered | null> {
    const { instance, host, port } = placement;
    const body = {
      ...{ participant, placement: placement.number, transports: true, here: { host, port } },
      others: others.map((each) => ({ host: each.host, port: each.port })),
      ...(atMost === undefined ? {} : { atMost }),
    };
    const path = `/api/media/rooms/${encodeURIComponent(room)}/peers`;
    try {
      const answer = await sendToInstance('media', placement, grant, { method: 'POST', path, body });
      const { peer, token, state, transports } = answer;
      if (typeof peer !== 'string' || typeof token !== 'string' || !isObject(state) || !isObject(transports))
        throw new UnavailableError('media', 'its answer does not fit');
      await this.#servers.noteJoin(instance).catch(() => undefined);
      return { place: { number: version, instance, host, port, peer, token }, state, transports };
    } catch (error) {
      if (isProblem(error, 'room-full')) return null;
      throw error;
    }
  }
}

const MOST_ATTEMPTS = 3;

const isProblem = (error: unknown, code: string) => error instanceof Problem && error.type.code === code;

const leavingKey = (room: string, { number }: MediaPeer) => `${room} ${number}`;
