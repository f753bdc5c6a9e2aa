import type { Consumer, ConsumerLayers, RtpCapabilities, Transport } from 'mediasoup/types';
import type { MediaEvent } from './events.ts';
import type { Admission } from './grant.ts';
import { Peer, PeerMedia, type Sending } from './peer.ts';
import { lostMedia, mediaRefused, noWorker, producerGone, roomFull } from './problems.ts';
import { qualityOf } from './quality.ts';
import { RoomRouter, type RouterListener, type Volume } from './room-router.ts';
import type { MediaWorker, WorkerPool } from './worker-pool.ts';

export interface RoomLimits {
  peersPerRouter: number;
  peersPerRoom: number;
}

/**
 * A call. It begins on one worker and takes another when it outgrows that; what somebody sends is brought to another worker
 * once somebody there wants it. The voices are all heard on the first one, which so knows who speaks.
 */
export class Room {
  readonly id: string;
  readonly peers = new Map<string, Peer>();
  readonly #pool: WorkerPool;
  readonly #limits: RoomLimits;
  #routers: RoomRouter[] = [];
  /** Where a peer belongs is decided one after the other. */
  #seating: Promise<unknown> = Promise.resolve();
  #joining = 0;

  constructor(id: string, pool: WorkerPool, limits: RoomLimits) {
    this.id = id;
    this.#pool = pool;
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.peers.size === 0 && this.#joining === 0;
  }

  /** @throws Problem room-full or no-worker */
  async join(admission: Admission, participant?: string): Promise<{ peer: Peer; token: string }> {
    if (this.peers.size + this.#joining >= this.#limits.peersPerRoom) throw roomFull();
    this.#joining += 1;
    try {
      const at = await this.#seat();
      const made = Peer.create(admission, participant, at);
      this.#tellOthers(null, { type: 'peer.joined', peer: made.peer.view() });
      this.peers.set(made.peer.id, made.peer);
      if (at.isLost) void this.#reseat(made.peer, at);
      return made;
    } finally {
      this.#joining -= 1;
    }
  }

  leave(peer: Peer): void {
    if (!this.peers.delete(peer.id)) return;
    peer.media.close();
    peer.media.at.exit();
    peer.events.end();
    this.#tellOthers(peer, { type: 'peer.left', peer: peer.id });
  }

  /** What the others in the room send. */
  *sendingsFor(peer: Peer): Generator<{ owner: Peer; sending: Sending }> {
    for (const owner of this.peers.values()) {
      if (owner === peer) continue;
      for (const sending of owner.media.sendings.values()) yield { owner, sending };
    }
  }

  /** Makes known what a peer sends, and listens to its voice. */
  async announce(peer: Peer, sending: Sending): Promise<void> {
    const { producer, source } = sending;
    const { media } = peer;
    media.sendings.set(producer.id, sending);
    producer.observer.once('close', () => {
      media.sendings.delete(producer.id);
      this.#tellOthers(peer, { type: 'producer.removed', producer: producer.id }, ({ at }) => !at.isLost);
    });
    this.#tellOthers(peer, { type: 'producer.added', producer: peer.producerView(sending) });
    let quality = qualityOf(producer.score);
    producer.on('score', (scores) => {
      const former = quality;
      quality = qualityOf(scores);
      // Scores change all the time; how good it is seldom does.
      if (quality !== former)
        this.#tellOthers(peer, { type: 'producer.quality', producer: producer.id, quality });
    });
    // Where the home dies meanwhile, the next one listens to everybody anew.
    if (source === 'microphone') await this.#hear(sending).catch(() => undefined);
  }

  /** Pauses or goes on; the others are told. */
  async setPaused(peer: Peer, { producer }: Sending, paused: boolean): Promise<void> {
    if (producer.paused === paused) return;
    await (paused ? producer.pause() : producer.resume());
    this.#tellOthers(peer, { type: 'producer.changed', producer: producer.id, paused });
  }

  /**
   * Lets a peer receive what another sends.
   *
   * @throws Problem producer-gone, or media-refused when the peer cannot decode it
   */
  async consume(peer: Peer, transport: Transport, wanted: Wanted): Promise<Consumer> {
    const { media } = peer;
    const found = [...this.sendingsFor(peer)].find(
      ({ sending }) => sending.producer.id === wanted.producerId,
    );
    if (found === undefined) throw producerGone();
    const { sending } = found;
    await media.at.reach(sending.producer, sending.at).catch((error: unknown) => {
      if (sending.producer.closed) throw producerGone();
      throw error;
    });
    const { router } = media.at;
    const { rtpCapabilities } = wanted;
    if (!router.canConsume({ producerId: wanted.producerId, rtpCapabilities }))
      throw mediaRefused('The peer has no codec of this producer.');
    const consumer = await transport.consume({
      producerId: wanted.producerId,
      rtpCapabilities,
      paused: wanted.paused,
      ...(wanted.layers === undefined ? {} : { preferredLayers: wanted.layers }),
    });
    if (peer.media !== media) throw lostMedia();
    media.consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => {
      media.consumers.delete(consumer.id);
      if (peer.media === media) peer.events.add({ type: 'consumer.removed', consumer: consumer.id });
    });
    consumer.on('layerschange', (layers) =>
      peer.events.add({ type: 'consumer.layers', consumer: consumer.id, layers: layers ?? null }),
    );
    return consumer;
  }

  close(): void {
    for (const peer of this.peers.values()) {
      peer.media.at.exit();
      peer.events.end();
    }
    this.peers.clear();
    for (const router of this.#routers) router.close();
    this.#routers = [];
  }

  /** Finds a place for one peer more, and counts it there. */
  #seat(): Promise<RoomRouter> {
    const seated = this.#seating.then(async () => {
      const router = this.#withRoom() ?? (await this.#grow());
      router.enter();
      return router;
    });
    this.#seating = seated.catch(() => undefined);
    return seated;
  }

  #withRoom(): RoomRouter | undefined {
    return this.#routers.find(({ peers }) => peers < this.#limits.peersPerRouter);
  }

  /** Takes another worker; where the room is on all of them already, the one with the fewest peers takes more. */
  async #grow(): Promise<RoomRouter> {
    const taken = new Set<MediaWorker>(this.#routers.map(({ media }) => media));
    const isEverywhere = this.#pool.workers.every((each) => taken.has(each));
    const emptiest = this.#routers.toSorted((a, b) => a.peers - b.peers)[0];
    if (isEverywhere && emptiest !== undefined) return emptiest;
    const listener: RouterListener = {
      speaker: (producerId) => this.#tellSpeaker(producerId),
      volumes: (volumes) => this.#tellVolumes(volumes),
      lost: () => this.#lose(router),
    };
    const media = await this.#pool.pick(taken);
    const router: RoomRouter = await RoomRouter.create(media, listener).catch((error: unknown) => {
      throw media.worker.closed ? noWorker(undefined, { cause: error }) : error;
    });
    if (router.isLost) throw noWorker();
    this.#routers.push(router);
    return router;
  }

  /** A worker died: whose media were there makes them anew elsewhere, all others only miss what came from there. */
  #lose(lost: RoomRouter): void {
    const wasHome = this.#routers[0] === lost;
    this.#routers = this.#routers.filter((router) => router !== lost);
    if (wasHome) for (const { sending } of this.#sendings()) void this.#hear(sending).catch(() => undefined);
    for (const peer of this.peers.values()) {
      if (peer.media.at === lost) void this.#reseat(peer, lost);
    }
  }

  async #reseat(peer: Peer, lost: RoomRouter): Promise<void> {
    try {
      const at = await this.#seat();
      if (this.peers.get(peer.id) !== peer) {
        at.exit();
        return;
      }
      peer.media = new PeerMedia(at);
      peer.events.add({ type: 'reset', reason: 'worker-lost' });
    } catch {
      // No worker runs: the pool starts one, and the peer is tried again then.
      setTimeout(() => {
        if (this.peers.get(peer.id) === peer && peer.media.at === lost) void this.#reseat(peer, lost);
      }, RESEAT_MS).unref();
    }
  }

  *#sendings(): Generator<{ owner: Peer; sending: Sending }> {
    for (const owner of this.peers.values()) {
      for (const sending of owner.media.sendings.values()) yield { owner, sending };
    }
  }

  async #hear({ producer, source, at }: Sending): Promise<void> {
    const home = this.#routers[0];
    if (source !== 'microphone' || home === undefined || producer.closed) return;
    await home.reach(producer, at);
    await home.listenTo(producer.id);
  }

  #ownerOf(producerId: string): Peer | undefined {
    for (const { owner, sending } of this.#sendings()) if (sending.producer.id === producerId) return owner;
    return undefined;
  }

  #tellSpeaker(producerId: string): void {
    const speaker = this.#ownerOf(producerId);
    if (speaker === undefined) return;
    this.#tellOthers(null, { type: 'speaker', peer: speaker.id, participant: speaker.participant });
  }

  #tellVolumes(heard: Volume[]): void {
    const volumes = heard.flatMap(({ producerId, dBov }) => {
      const owner = this.#ownerOf(producerId);
      return owner === undefined ? [] : [{ peer: owner.id, participant: owner.participant, dBov }];
    });
    this.#tellOthers(null, { type: 'volumes', volumes });
  }

  /** @param concerns whom it means anything, by their media: whose own are lost begin anew */
  #tellOthers(
    but: Peer | null,
    event: MediaEvent,
    concerns: (media: PeerMedia) => boolean = () => true,
  ): void {
    for (const peer of this.peers.values()) if (peer !== but && concerns(peer.media)) peer.events.add(event);
  }
}

/** What a peer wants to receive. */
export interface Wanted {
  producerId: string;
  rtpCapabilities: RtpCapabilities;
  layers?: ConsumerLayers;
  /** Until the client is ready for the first packet. */
  paused: boolean;
}

/** A worker is started again within this time, unless something is wrong with it. */
const RESEAT_MS = 100;
