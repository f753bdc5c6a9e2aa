import type { Admission } from './grant.ts';
import type { Peer } from './peer.ts';
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

/** The calls that this media server carries. A room is there while somebody is in it. */
export class Rooms {
  readonly #pool: WorkerPool;
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #present = new Map<string, Present>();
  readonly #absences = new Map<Peer, NodeJS.Timeout>();

  constructor(pool: WorkerPool, options: RoomsOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** @throws Problem room-full or no-worker */
  async join(admission: Admission): Promise<Present & { token: string }> {
    const { roomId } = admission;
    const room = this.#rooms.get(roomId) ?? new Room(roomId, this.#pool, this.#options);
    this.#rooms.set(roomId, room);
    try {
      const { peer, token } = await room.join(admission);
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
    const stop = peer.events.read(...reading);
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
