import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '@tandem/common';
import { Absences } from './absences.ts';
import type { EventLog } from './event-log.ts';
import type { Admission } from './grant.ts';
import type { Peer } from './peer.ts';
import { Placements } from './placements.ts';
import { peerUnknown, roomUnknown } from './problems.ts';
import { Room, type RoomOptions } from './room.ts';
import type { Subscriber } from './subscriber.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface RoomsOptions extends RoomOptions {
  /** A peer whose events nobody reads for so long has left. */
  peerTimeoutMs: number;
}

/** Somebody in a room, as a request names them. */
export interface Present {
  room: Room;
  peer: Peer;
}

/** As whom, by which placement, and how somebody comes. */
export interface Joining {
  participant?: string | undefined;
  placement?: number | undefined;
  /** People of the room who may be here then. */
  atMost?: number | undefined;
  /** Where others reach this media server; and those that have people of the room, too. */
  here?: Address | undefined;
  others?: readonly Address[] | undefined;
}

/** The calls that this media server carries. A room is there while somebody is in it. */
export class Rooms {
  readonly #pool: WorkerPool;
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #present = new Map<string, Present>();
  readonly #absences: Absences;
  readonly #placements = new Placements();
  #isDraining = false;

  constructor(pool: WorkerPool, options: RoomsOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#absences = new Absences(options.peerTimeoutMs);
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Asks everybody to go elsewhere, or not any more. Whoever knows no other place is let in all the same. */
  drain(isDraining: boolean): void {
    if (this.#isDraining === isDraining) return;
    this.#isDraining = isDraining;
    for (const { peer } of this.#present.values())
      peer.events.add({ type: 'draining', draining: isDraining });
  }

  /** Resolves when nobody is here any more. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.#present.size > 0 && !signal.aborted)
      await sleep(50, undefined, { signal }).catch(() => undefined);
  }

  count(): { rooms: number; peers: number; streams: number } {
    let streams = 0;
    for (const { peer } of this.#present.values())
      streams += peer.media.sendings.size + peer.media.consumers.size;
    for (const room of this.#rooms.values()) streams += room.elsewhere.streams;
    return { rooms: this.#rooms.size, peers: this.#present.size, streams };
  }

  calls(): { room: string; people: number }[] {
    return [...this.#rooms.values()].map(({ id, peers }) => ({
      room: id,
      people: new Set([...peers.values()].map(({ participant }) => participant)).size,
    }));
  }

  /** @throws Problem room-full, no-worker, or placement-stale where a later placement of the room was seen */
  async join(admission: Admission, as: Joining = {}): Promise<Present & { token: string }> {
    const { roomId } = admission;
    this.#placements.see(roomId, as.placement);
    const room = this.#rooms.get(roomId) ?? new Room(roomId, this.#pool, this.#options);
    this.#rooms.set(roomId, room);
    try {
      const { peer, token } = await room.join(admission, as.participant, as.atMost);
      if (as.here !== undefined) room.elsewhere.follow(as.others ?? [], as.here);
      const present = { room, peer };
      this.#present.set(peer.id, present);
      this.#absences.begin(peer, () => this.leave(present));
      return { ...present, token };
    } finally {
      this.#closeIfEmpty(room);
    }
  }

  /** @throws Problem peer-unknown */
  find(peerId: string, token: string | undefined): Present {
    const present = this.#present.get(peerId);
    if (present === undefined || token === undefined || !present.peer.hasToken(token)) throw peerUnknown();
    return present;
  }

  leave({ room, peer }: Present): void {
    this.#absences.end(peer);
    this.#present.delete(peer.id);
    room.leave(peer);
    this.#closeIfEmpty(room);
  }

  /** @throws Problem room-unknown */
  room(id: string): Room {
    const room = this.#rooms.get(id);
    if (room === undefined) throw roomUnknown();
    return room;
  }

  /**
   * Lets another media server follow what happens here, and follows it in turn.
   *
   * @param from where it listens; @param here as it reaches this one
   */
  subscribe(room: Room, from: Address, here: Address): { subscriber: Subscriber; token: string } {
    const made = room.elsewhere.subscribe(from);
    this.#absences.begin(made.subscriber, () => room.elsewhere.unsubscribe(made.subscriber));
    room.elsewhere.follow([from], here);
    return made;
  }

  /** As `readEvents`, for another media server. */
  readEventsFor(room: Room, subscriber: Subscriber, ...reading: Parameters<EventLog['read']>): () => void {
    const stop = subscriber.events.read(...reading);
    this.#absences.end(subscriber);
    return () => {
      stop();
      this.#absences.begin(subscriber, () => room.elsewhere.unsubscribe(subscriber));
    };
  }

  /** Reads a peer's events, see EventLog; who stops reading has some time to come back. */
  readEvents(present: Present, ...reading: Parameters<EventLog['read']>): () => void {
    const { peer } = present;
    const [, read] = reading;
    const stop = peer.events.read(...reading);
    if (this.#isDraining) read({ id: null, event: { type: 'draining', draining: true } });
    this.#absences.end(peer);
    return () => {
      stop();
      if (this.#present.has(peer.id)) this.#absences.begin(peer, () => this.leave(present));
    };
  }

  close(): void {
    this.#absences.close();
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    this.#present.clear();
  }

  #closeIfEmpty(room: Room): void {
    if (!room.isEmpty || this.#rooms.get(room.id) !== room) return;
    this.#rooms.delete(room.id);
    room.close();
  }
}
