import { noWorker } from './problems.ts';
import { RoomRouter, type Volume } from './room-router.ts';
import type { MediaWorker, WorkerPool } from './worker-pool.ts';

/** What a room hears of its routers. */
export interface RoutersListener {
  speaker(producerId: string): void;
  volumes(volumes: Volume[]): void;
  /** The first one is another now: there was none, or it died. */
  homeChanged(): void;
  /** Its worker died, and everything on it is lost. */
  lost(router: RoomRouter): void;
}

/** The workers that a room is on. It begins on one and takes another when it outgrows that. */
export class RoomRouters {
  readonly #pool: WorkerPool;
  readonly #peersPerRouter: number;
  readonly #listener: RoutersListener;
  #routers: RoomRouter[] = [];
  /** Where a peer belongs is decided one after the other. */
  #seating: Promise<unknown> = Promise.resolve();

  constructor(pool: WorkerPool, peersPerRouter: number, listener: RoutersListener) {
    this.#pool = pool;
    this.#peersPerRouter = peersPerRouter;
    this.#listener = listener;
  }

  /** Where all voices are heard; undefined while the room is on no worker. */
  get home(): RoomRouter | undefined {
    return this.#routers[0];
  }

  /** Finds a place for one peer more, and counts it there. @throws Problem no-worker */
  seat(): Promise<RoomRouter> {
    const seated = this.#seating.then(async () => {
      const router = this.#withRoom() ?? (await this.#grow());
      router.enter();
      return router;
    });
    this.#seating = seated.catch(() => undefined);
    return seated;
  }

  close(): void {
    for (const router of this.#routers) router.close();
    this.#routers = [];
  }

  #withRoom(): RoomRouter | undefined {
    return this.#routers.find(({ peers }) => peers < this.#peersPerRouter);
  }

  /** Takes another worker; where the room is on all of them already, the one with the fewest peers takes more. */
  async #grow(): Promise<RoomRouter> {
    const taken = new Set<MediaWorker>(this.#routers.map(({ media }) => media));
    const isEverywhere = this.#pool.workers.every((each) => taken.has(each));
    const emptiest = this.#routers.toSorted((a, b) => a.peers - b.peers)[0];
    if (isEverywhere && emptiest !== undefined) return emptiest;
    const media = await this.#pool.pick(taken);
    const router: RoomRouter = await RoomRouter.create(media, {
      speaker: (producerId) => this.#listener.speaker(producerId),
      volumes: (volumes) => this.#listener.volumes(volumes),
      lost: () => this.#lose(router),
    }).catch((error: unknown) => {
      throw media.worker.closed ? noWorker(undefined, { cause: error }) : error;
    });
    if (router.isLost) throw noWorker();
    this.#routers.push(router);
    if (this.home === router) this.#listener.homeChanged();
    return router;
  }

  #lose(lost: RoomRouter): void {
    const wasHome = this.home === lost;
    this.#routers = this.#routers.filter((router) => router !== lost);
    if (wasHome && this.home !== undefined) this.#listener.homeChanged();
    this.#listener.lost(lost);
  }
}
