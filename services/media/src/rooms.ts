import { setTimeout as sleep } from 'node:timers/promises';
import type { Admission } from './grant.ts';
import type { Peer } from './peer.ts';
import { Placements } from './placements.ts';
import { peerUnknown } from './problems.ts';
import { Room, type RoomLimits } from './room.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface RoomsOptions extends RoomLimits {
  /** A peer whose events nobody reads for so long has left. */
  peerTimeoutMs: number;
}

/** Somebody in a room, as a request names them. */
export interface Present {
  room: Room;
  peer: Peer;
}

/** As whom, and by which placement, somebody comes. */
export interface Joining {
  participant?: string | undefined;
  placement?: number | undefined;
}

/** The calls that this media server carries. A room is there while somebody is in it. */
export class Rooms {
  readonly #pool: WorkerPool;
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #present = new Map<string, Present>();
  readonly #absences = new Map<Peer, NodeJS.Timeout>();
  readonly #placements = new Placements();
  #isDraining = false;

  constructor(pool: WorkerPool, options: RoomsOptions) {
    this.#pool = pool;
    this.#options = options;
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
      const { peer, token } = await room.join(admission, as.participant);
      this.#present.set(peer.id, { room, peer });
      this.#awaitReader(peer);
      return { room, peer, token };
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
    clearTimeout(this.#absences.get(peer));
    this.#absences.delete(peer);
    this.#present.delete(peer.id);
    room.leave(peer);
    this.#closeIfEmpty(room);
  }

  /** Reads a peer's events, see EventLog; who stops reading has some time to come back. */
  readEvents({ peer }: Present, ...reading: Parameters<Peer['events']['read']>): () => void {
    const [, read] = reading;
    const stop = peer.events.read(...reading);
    if (this.#isDraining) read({ id: null, event: { type: 'draining', draining: true } });
    clearTimeout(this.#absences.get(peer));
    return () => {
      stop();
      this.#awaitReader(peer);
    };
  }

  close(): void {
    for (const timer of this.#absences.values()) clearTimeout(timer);
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    this.#present.clear();
  }

  #awaitReader(peer: Peer): void {
    const present = this.#present.get(peer.id);
    if (present === undefined || peer.events.isRead) return;
    clearTimeout(this.#absences.get(peer));
    this.#absences.set(
      peer,
      setTimeout(() => this.leave(present), this.#options.peerTimeoutMs),
    );
  }

  #closeIfEmpty(room: Room): void {
    if (!room.isEmpty || this.#rooms.get(room.id) !== room) return;
    this.#rooms.delete(room.id);
    room.close();
  }
}
