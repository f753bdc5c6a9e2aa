import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Logger, Problem, sendToInstance, UnavailableError } from '@tandem/common';
import { type MediaEntry, readMediaEvents } from './media-events.ts';
import { type MediaCall, peerPath, requestOf } from './media-requests.ts';
import type { MediaServers } from './media-servers.ts';
import type { Placement, Placements } from './placements.ts';
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
 * The media servers, as sessions see them: every room has one, which is kept in Redis, so that all its people meet there
 * whichever instance they are connected to. See docs/decisions/0033-moves-of-calls.md.
 */
export class MediaGateway {
  readonly #servers: MediaServers;
  readonly #placements: Placements;
  readonly #log: Logger;
  /** Rooms that look for another place, by room and number of the placement that they leave. */
  readonly #leaving = new Map<string, AbortController>();

  constructor(servers: MediaServers, placements: Placements, log: Logger) {
    this.#servers = servers;
    this.#placements = placements;
    this.#log = log;
  }

  /** Enters the media server of a room; another one where that is gone. */
  async join(room: string, grant: string, participant: string): Promise<Entered> {
    let lost: Placement | null = null;
    for (let attempt = 1; ; attempt++) {
      const placement = await this.#placementOf(room, lost);
      const { number, instance, host, port } = placement;
      try {
        const path = `/api/media/rooms/${encodeURIComponent(room)}/peers`;
        const body = { participant, placement: number, transports: true };
        const answer = await sendToInstance('media', placement, grant, { method: 'POST', path, body });
        const { peer, token, state, transports } = answer;
        if (
          typeof peer !== 'string' ||
          typeof token !== 'string' ||
          !isObject(state) ||
          !isObject(transports)
        )
          throw new UnavailableError('media', 'its answer does not fit');
        await this.#servers.noteJoin(instance).catch(() => undefined);
        return { place: { number, instance, host, port, peer, token }, state, transports };
      } catch (error) {
        if (attempt === 3) throw error;
        if (error instanceof UnavailableError) lost = placement;
        // Somebody has placed it anew after we looked: look again.
        else if (!(error instanceof Problem && error.type.code === 'placement-stale')) throw error;
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

  /** Number of the room's placement; null where it has none. */
  async numberOf(room: string): Promise<number | null> {
    return (await this.#placements.find(room))?.number ?? null;
  }

  /** The room is in use. */
  async renew(room: string): Promise<void> {
    await this.#placements.renew(room);
  }

  /** A media server was lost: its room goes elsewhere at once, and the room is told. Of many who notice one does it. */
  async lost(room: string, place: MediaPeer): Promise<void> {
    const placement = await this.#placements.find(room);
    if (placement?.number === place.number) await this.#placementOf(room, placement);
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
        const placement = await this.#placements.find(room);
        if (placement?.number !== place.number || signal.aborted) return;
        const choice = await this.#servers.choose(place.instance);
        if (signal.aborted) return;
        if (choice !== null) {
          await this.#placements.place(room, choice, place.number);
          this.#log.info(
            { room, from: place.instance, to: choice.id },
            'a call moves to another media server',
          );
          return;
        }
      } catch (error) {
        this.#log.debug({ room, err: error }, 'a call that has to move waits');
      }
      await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @param lost a placement that leads nowhere; the room gets another one, unless somebody else has done that */
  async #placementOf(room: string, lost: Placement | null): Promise<Placement> {
    const known = await this.#placements.find(room);
    if (known !== null && known.number !== lost?.number) return known;
    if (lost !== null) await this.#servers.noteLost(lost.instance);
    const choice = (await this.#servers.choose(lost?.instance ?? null)) ?? (await this.#servers.choose(null));
    if (choice === null) throw new UnavailableError('media', 'no instance of it takes calls');
    const placed = await this.#placements.place(room, choice, known?.number ?? null);
    this.#log.info({ room, from: lost?.instance, to: placed.instance }, 'a call is placed');
    return placed;
  }
}

const leavingKey = (room: string, { number }: MediaPeer) => `${room} ${number}`;
