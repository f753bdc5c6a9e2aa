import type {
  ActiveSpeakerObserver,
  AudioLevelObserver,
  Producer,
  Router,
  WebRtcTransport,
} from 'mediasoup/types';
import { initialOutgoingBitrate, maxIncomingBitrate, mediaCodecs } from './codecs.ts';
import type { MediaWorker } from './worker-pool.ts';

/** How loud somebody is, in dBov: 0 is the loudest, -127 silence. */
export interface Volume {
  producerId: string;
  dBov: number;
}

/** What a router hears. */
export interface RouterListener {
  speaker(producerId: string): void;
  volumes(volumes: Volume[]): void;
  /** Its worker died, and everything on it is lost. */
  lost(): void;
}

/** Quieter is taken for silence; told this often. */
const THRESHOLD_DBOV = -60;
const VOLUMES_MS = 500;
const SPEAKER_MS = 300;

/** The part of a room that is on one worker. */
export class RoomRouter {
  readonly media: MediaWorker;
  readonly router: Router;
  readonly #speaker: ActiveSpeakerObserver;
  readonly #levels: AudioLevelObserver;
  /** How many peers have their media here. */
  #peers = 0;
  /** Producers of other routers that were brought here, or are on their way. */
  readonly #piped = new Map<string, Promise<void>>();

  private constructor(
    media: MediaWorker,
    router: Router,
    speaker: ActiveSpeakerObserver,
    levels: AudioLevelObserver,
  ) {
    this.media = media;
    this.router = router;
    this.#speaker = speaker;
    this.#levels = levels;
  }

  static async create(media: MediaWorker, listener: RouterListener): Promise<RoomRouter> {
    const router = await media.worker.createRouter({ mediaCodecs });
    const speaker = await router.createActiveSpeakerObserver({ interval: SPEAKER_MS });
    const levels = await router.createAudioLevelObserver({
      maxEntries: 20,
      threshold: THRESHOLD_DBOV,
      interval: VOLUMES_MS,
    });
    speaker.on('dominantspeaker', ({ producer }) => listener.speaker(producer.id));
    levels.on('volumes', (volumes) =>
      listener.volumes(volumes.map(({ producer, volume }) => ({ producerId: producer.id, dBov: volume }))),
    );
    levels.on('silence', () => listener.volumes([]));
    router.on('workerclose', () => listener.lost());
    return new RoomRouter(media, router, speaker, levels);
  }

  get peers(): number {
    return this.#peers;
  }

  get isLost(): boolean {
    return this.router.closed;
  }

  enter(): void {
    this.#peers += 1;
    this.media.peers += 1;
  }

  exit(): void {
    this.#peers -= 1;
    this.media.peers -= 1;
  }

  /** A transport for a client, on the worker's own port. */
  async createTransport(): Promise<WebRtcTransport> {
    const transport = await this.router.createWebRtcTransport({
      webRtcServer: this.media.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: initialOutgoingBitrate,
    });
    await transport.setMaxIncomingBitrate(maxIncomingBitrate);
    return transport;
  }

  /** Sees to it that a producer can be consumed here, by its own id. */
  async reach(producer: Producer, from: RoomRouter): Promise<void> {
    if (from === this) return;
    const { id } = producer;
    const onItsWay = this.#piped.get(id);
    if (onItsWay !== undefined) return onItsWay;
    const piping = from.router
      .pipeToRouter({ producerId: id, router: this.router })
      .then(({ pipeProducer }) => {
        pipeProducer?.observer.once('close', () => this.#piped.delete(id));
      });
    this.#piped.set(id, piping);
    piping.catch(() => this.#piped.delete(id));
    return piping;
  }

  /** Counts a voice in for who is speaking; it must be reachable here. */
  async listenTo(producerId: string): Promise<void> {
    await Promise.all([this.#speaker.addProducer({ producerId }), this.#levels.addProducer({ producerId })]);
  }

  close(): void {
    this.router.close();
  }
}
