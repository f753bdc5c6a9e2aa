import type { Logger } from '@tandem/common';
import type { Consumer, ConsumerLayers, RtpCapabilities, Transport } from 'mediasoup/types';
import { Elsewhere } from './elsewhere.ts';
import type { MediaEvent, PeerView, ProducerView } from './events.ts';
import type { Admission } from './grant.ts';
import { Peer, PeerMedia, type Sending } from './peer.ts';
import type { Carried, PipeEnd, PipeListen } from './pipe.ts';
import { lostMedia, mediaRefused, noWorker, producerGone, roomFull } from './problems.ts';
import { qualityOf } from './quality.ts';
import type { RoomRouter, Volume } from './room-router.ts';
import { RoomRouters } from './room-routers.ts';
import type { Subscriber } from './subscriber.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface RoomOptions {
  peersPerRouter: number;
  peersPerRoom: number;
  /** For pipes to and from other media servers. */
  pipes: PipeListen;
  log: Logger;
}

/**
 * A call, or the part of it that is here. What somebody sends is brought to another worker, or another media server, once somebody
 * there wants it. The voices are all heard on the first worker, which so knows who speaks.
 */
export class Room {
  readonly id: string;
  readonly peers = new Map<string, Peer>();
  readonly #options: RoomOptions;
  readonly #routers: RoomRouters;
  /** On other media servers. */
  readonly elsewhere: Elsewhere;
  #joining = 0;

  constructor(id: string, pool: WorkerPool, options: RoomOptions) {
    this.id = id;
    this.#options = options;
    this.#routers = new RoomRouters(pool, options.peersPerRouter, {
      speaker: (producerId) => this.#tellSpeaker(producerId),
      volumes: (volumes) => this.#tellVolumes(volumes),
      homeChanged: () => this.#hearEverybody(),
      lost: (router) => this.#lose(router),
    });
    this.elsewhere = new Elsewhere({
      ...{ room: id, listen: options.pipes, log: options.log },
      home: () => this.#routers.home,
      tell: (event, participant) => this.#tell(participant, event),
      hear: (sending) => void this.#hear(sending).catch(() => undefined),
    });
  }

  get isEmpty(): boolean {
    return this.peers.size === 0 && this.#joining === 0;
  }

  /**
   * @param atMost people who may be here then
   * @throws Problem room-full or no-worker
   */
  async join(
    admission: Admission,
    participant?: string,
    atMost = Number.POSITIVE_INFINITY,
  ): Promise<{ peer: Peer; token: string }> {
    if (this.peers.size + this.#joining >= this.#options.peersPerRoom) throw roomFull();
    // Whoever is here already, and comes back, takes no other place.
    const others = new Set([...this.peers.values()].map((each) => each.participant));
    others.delete(participant ?? '');
    if (others.size + this.#joining >= atMost) throw roomFull();
    this.#joining += 1;
    try {
      const at = await this.#routers.seat();
      const made = Peer.create(admission, participant, at);
      this.#announce(made.peer, { type: 'peer.joined', peer: made.peer.view() });
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
    this.#announce(peer, { type: 'peer.left', peer: peer.id });
  }

  /** What the people here do and send, as others see it. */
  get here(): { peers: PeerView[]; producers: ProducerView[] } {
    const peers = [...this.peers.values()];
    return {
      peers: peers.map((peer) => peer.view()),
      producers: [...this.#sendings()].map(({ owner, sending }) => owner.producerView(sending)),
    };
  }

  /** All others of the room, and what they send. */
  othersOf({ participant: self }: Peer): { peers: PeerView[]; producers: ProducerView[] } {
    const isOther = ({ participant }: { participant: string }) => participant !== self;
    const { here, elsewhere } = this;
    return {
      peers: [...here.peers, ...elsewhere.peers].filter(isOther),
      producers: [...here.producers, ...elsewhere.producers].filter(isOther),
    };
  }

  /** Makes a pipe to a subscriber. @throws Problem no-worker */
  async connect(subscriber: Subscriber, end: PipeEnd): Promise<PipeEnd> {
    const { home } = this.#routers;
    if (home === undefined) throw noWorker();
    return subscriber.connect(home, this.#options.pipes, end);
  }

  /** Sends to a subscriber what somebody here sends. @throws Problem producer-gone or media-lost */
  async carry(subscriber: Subscriber, producerId: string): Promise<Carried> {
    const sending = this.#sendingOf(producerId);
    if (sending === undefined) throw producerGone();
    await this.#reach(subscriber.at, sending);
    return subscriber.carry(producerId);
  }

  /** Makes known what a peer sends, and listens to its voice. */
  async announce(peer: Peer, sending: Sending): Promise<void> {
    const { producer, source } = sending;
    const { media } = peer;
    media.sendings.set(producer.id, sending);
    producer.observer.once('close', () => {
      media.sendings.delete(producer.id);
      this.#announce(peer, { type: 'producer.removed', producer: producer.id }, ({ at }) => !at.isLost);
    });
    this.#announce(peer, { type: 'producer.added', producer: peer.producerView(sending) });
    let quality = qualityOf(producer.score);
    producer.on('score', (scores) => {
      const former = quality;
      quality = qualityOf(scores);
      // Scores change all the time; how good it is seldom does.
      if (quality !== former)
        this.#announce(peer, { type: 'producer.quality', producer: producer.id, quality });
    });
    // Where the home dies meanwhile, the next one listens to everybody anew.
    if (source === 'microphone') await this.#hear(sending).catch(() => undefined);
  }

  /** Pauses or goes on; the others are told. */
  async setPaused(peer: Peer, { producer }: Sending, paused: boolean): Promise<void> {
    if (producer.paused === paused) return;
    await (paused ? producer.pause() : producer.resume());
    this.#announce(peer, { type: 'producer.changed', producer: producer.id, paused });
  }

  /**
   * Lets a peer receive what another sends.
   *
   * @throws Problem producer-gone, or media-refused when the peer cannot decode it
   */
  async consume(peer: Peer, transport: Transport, wanted: Wanted): Promise<Consumer> {
    const { media } = peer;
    const { producerId } = wanted;
    await this.#reach(media.at, this.#sendingOf(producerId) ?? (await this.elsewhere.bring(producerId)));
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
    this.elsewhere.close();
    for (const peer of this.peers.values()) {
      peer.media.at.exit();
      peer.events.end();
    }
    this.peers.clear();
    this.#routers.close();
  }

  /** A worker died: whose media were there makes them anew elsewhere, all others only miss what came from there. */
  #lose(lost: RoomRouter): void {
    for (const peer of this.peers.values()) {
      if (peer.media.at === lost) void this.#reseat(peer, lost);
    }
  }

  async #reseat(peer: Peer, lost: RoomRouter): Promise<void> {
    try {
      const at = await this.#routers.seat();
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

  #hearEverybody(): void {
    for (const { sending } of this.#sendings()) void this.#hear(sending).catch(() => undefined);
    this.elsewhere.hear();
  }

  async #hear({ producer, source, at }: Sending): Promise<void> {
    const { home } = this.#routers;
    if (source !== 'microphone' || home === undefined || producer.closed) return;
    await home.reach(producer, at);
    await home.listenTo(producer.id);
  }

  /** Of somebody here. */
  #sendingOf(producerId: string): Sending | undefined {
    for (const { sending } of this.#sendings()) if (sending.producer.id === producerId) return sending;
    return undefined;
  }

  async #reach(at: RoomRouter, sending: Sending): Promise<void> {
    await at.reach(sending.producer, sending.at).catch((error: unknown) => {
      if (sending.producer.closed) throw producerGone();
      throw error;
    });
  }

  #ownerOf(producerId: string): { peer: string; participant: string } | undefined {
    for (const { owner, sending } of this.#sendings())
      if (sending.producer.id === producerId) return { peer: owner.id, participant: owner.participant };
    const view = this.elsewhere.producers.find(({ id }) => id === producerId);
    return view === undefined ? undefined : { peer: view.peer, participant: view.participant };
  }

  #tellSpeaker(producerId: string): void {
    const speaker = this.#ownerOf(producerId);
    if (speaker !== undefined) this.#tell(null, { type: 'speaker', ...speaker });
  }

  #tellVolumes(heard: Volume[]): void {
    const volumes = heard.flatMap(({ producerId, dBov }) => {
      const owner = this.#ownerOf(producerId);
      return owner === undefined ? [] : [{ ...owner, dBov }];
    });
    this.#tell(null, { type: 'volumes', volumes });
  }

  /**
   * Tells of somebody here, whom the other media servers know from this one only.
   *
   * @param concerns whom it means anything, by their media: whose own are lost begin anew
   */
  #announce(
    { participant }: Peer,
    event: MediaEvent,
    concerns: (media: PeerMedia) => boolean = () => true,
  ): void {
    this.#tell(participant, event, concerns);
    this.elsewhere.tell(event);
  }

  /** @param but a participant who need not be told, because it is about them */
  #tell(but: string | null, event: MediaEvent, concerns: (media: PeerMedia) => boolean = () => true): void {
    for (const peer of this.peers.values())
      if (peer.participant !== but && concerns(peer.media)) peer.events.add(event);
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
