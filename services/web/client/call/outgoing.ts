import type { Device, types } from 'mediasoup-client';
import type { SignalClient } from './signal-client.ts';

export type Source = 'camera' | 'microphone' | 'screen' | 'screen-audio';

/** Something that is sent; no track: it is not. Paused, it stays ready. */
export interface Sent {
  source: Source;
  track: MediaStreamTrack | null;
  paused: boolean;
}

/** How the media server wants pictures to be encoded, the smallest first. */
export interface Encodings {
  camera: types.RtpEncodingParameters[];
  screen: types.RtpEncodingParameters[];
}

export interface OutgoingOptions {
  peer: string;
  signal: SignalClient;
  device: Device;
  transport: types.Transport;
  encodings: Encodings;
  /** The same is sent to another media server for a while, see `sendAll`. */
  isBeside: boolean;
}

const codecOptions = {
  microphone: { opusDtx: true, opusFec: true },
  'screen-audio': { opusStereo: true, opusFec: true },
  camera: { videoGoogleStartBitrate: 800 },
  screen: {},
} as const;

/** What one stay at a media server sends. What cannot be said because the line is broken is said by `mend`. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  readonly #producers = new Map<Source, types.Producer>();
  /** What is sent of one source changes step by step. */
  readonly #turns = new Map<Source, Promise<void>>();
  /** Producers that have ended, which the media server does not know yet. */
  readonly #unsaid = new Set<string>();
  /** Producers whose pause, or its end, the media server does not know yet. */
  readonly #misheard = new Set<string>();
  /**
   * Whether the media server was told that a producer is paused. Not what the producer says of itself: of a track that was
   * turned off while it was being made it believes to be paused from the beginning, and nobody else knows.
   */
  readonly #saidPaused = new Map<string, boolean>();
  #isBeside: boolean;

  constructor(options: OutgoingOptions) {
    this.#options = options;
    this.#isBeside = options.isBeside;
  }

  /** Sends a track, another one in its place, or nothing more. */
  set({ source, track, paused }: Sent): Promise<void> {
    return this.#inTurn(source, () => this.#set(source, track, paused));
  }

  /**
   * Nothing is sent anywhere else any more. Until then the camera's largest size is left out: to encode that twice, or to send
   * it twice, is too much for many a phone, and stops the pictures that the move is to keep.
   */
  sendAll(): void {
    if (!this.#isBeside) return;
    this.#isBeside = false;
    this.#inTurn('camera', async () => {
      await this.#producers.get('camera')?.setMaxSpatialLayer(this.#options.encodings.camera.length - 1);
    }).catch((error: unknown) => console.warn('the camera stays small', error));
  }

  /** Says again what was lost with the line. */
  mend(): void {
    for (const id of this.#unsaid) this.#sayStopped(id);
    for (const { id } of this.#producers.values())
      if (this.#misheard.has(id)) this.#sayPaused(id, this.#saidPaused.get(id) === true);
  }

  #inTurn(source: Source, act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(source) ?? Promise.resolve()).then(act);
    this.#turns.set(
      source,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #set(source: Source, track: MediaStreamTrack | null, paused: boolean): Promise<void> {
    const { device, transport } = this.#options;
    // A track that has ended meanwhile is followed by another one, or by none.
    if (transport.closed || track?.readyState === 'ended') return;
    const producer = this.#producers.get(source);
    if (track === null) {
      if (producer === undefined) return;
      this.#producers.delete(source);
      producer.close();
      this.#sayStopped(producer.id);
      return;
    }
    if (producer !== undefined && !producer.closed) {
      if (producer.track !== track) await producer.replaceTrack({ track });
      if (this.#saidPaused.get(producer.id) === paused) return;
      if (paused) producer.pause();
      else producer.resume();
      this.#sayPaused(producer.id, paused);
      return;
    }
    if (!device.canProduce(track.kind === 'audio' ? 'audio' : 'video')) return;
    const encodings = this.#encodingsOf(source);
    const made = await transport.produce({
      track,
      appData: { source, paused },
      codecOptions: codecOptions[source],
      // The track belongs to whoever turned the device on.
      stopTracks: false,
      ...(encodings.length > 0 ? { encodings } : {}),
    });
    if (paused) made.pause();
    this.#saidPaused.set(made.id, paused);
    this.#producers.set(source, made);
  }

  #encodingsOf(source: Source): types.RtpEncodingParameters[] {
    const { camera, screen } = this.#options.encodings;
    if (source === 'camera')
      return camera.map((each, size) => ({ ...each, active: !this.#isBeside || size < camera.length - 1 }));
    return source === 'screen' ? screen : [];
  }

  #sayPaused(id: string, paused: boolean): void {
    const { signal, peer } = this.#options;
    this.#saidPaused.set(id, paused);
    this.#misheard.add(id);
    signal.call('media.pause', { peer, producer: id, paused }).then(
      () => this.#misheard.delete(id),
      () => undefined,
    );
  }

  #sayStopped(id: string): void {
    const { signal, peer } = this.#options;
    this.#unsaid.add(id);
    signal.call('media.stop', { peer, producer: id }).then(
      () => this.#unsaid.delete(id),
      () => undefined,
    );
  }
}
