import { Device, type types } from 'mediasoup-client';
import type { SignalClient } from './signal-client.ts';

export type Source = 'camera' | 'microphone' | 'screen' | 'screen-audio';

/** Something that another person sends. */
export interface RemoteProducer {
  id: string;
  /** Of the sender at the media server; participants name theirs. */
  peer: string;
  source: Source;
  paused: boolean;
}

/** Something that is received. */
export interface Received extends RemoteProducer {
  track: MediaStreamTrack;
}

export interface MediaListener {
  received(list: readonly Received[]): void;
}

/** What is shown of pictures: the layer of each, 0 for the smallest, by `<peer>/<source>`. */
export type Shown = ReadonlyMap<string, number>;

interface Consuming {
  consumer: types.Consumer;
  of: RemoteProducer;
  /** What the server was told of how it is shown, as JSON. */
  told: string;
}

interface MediaState {
  producers: RemoteProducer[];
  rtpCapabilities: types.RtpCapabilities;
  encodings: { camera: types.RtpEncodingParameters[]; screen: types.RtpEncodingParameters[] };
}

const codecOptions = {
  microphone: { opusDtx: true, opusFec: true },
  'screen-audio': { opusStereo: true, opusFec: true },
  camera: { videoGoogleStartBitrate: 800 },
  screen: {},
} as const;

/**
 * The media of one stay at a media server: what is sent and what is received. It ends with the server, its worker or the call;
 * then another one takes its place, and sends the same tracks.
 */
export class MediaSession {
  readonly #signal: SignalClient;
  readonly #listener: MediaListener;
  readonly #device: Device;
  readonly #state: MediaState;
  readonly #producers = new Map<Source, types.Producer>();
  readonly #consumers = new Map<string, Consuming>();
  readonly #wanted = new Map<string, RemoteProducer>();
  /** What is sent of one source changes step by step. */
  readonly #turns = new Map<Source, Promise<void>>();
  #send: Promise<types.Transport> | null = null;
  #receive: Promise<types.Transport> | null = null;
  /** Null: nobody has said yet, so that everything is shown. */
  #shown: Shown | null = null;
  #isClosed = false;

  /** Enters the media server. @throws Problem */
  static async enter(
    signal: SignalClient,
    grant: string | null,
    listener: MediaListener,
  ): Promise<MediaSession> {
    const { state } = await signal.call('media.join', grant === null ? {} : { grant });
    // As the OpenAPI of the service media has it.
    const known = state as unknown as MediaState;
    const device = await Device.factory();
    await device.load({ routerRtpCapabilities: known.rtpCapabilities });
    return new MediaSession(signal, device, known, listener);
  }

  private constructor(signal: SignalClient, device: Device, state: MediaState, listener: MediaListener) {
    this.#signal = signal;
    this.#device = device;
    this.#state = state;
    this.#listener = listener;
    for (const producer of state.producers) this.added(producer);
  }

  /** Sends a track, another one in its place, or nothing more. Paused, it stays ready. */
  set(source: Source, track: MediaStreamTrack | null, paused = false): Promise<void> {
    const turn = (this.#turns.get(source) ?? Promise.resolve()).then(() => this.#set(source, track, paused));
    this.#turns.set(
      source,
      turn.catch(() => undefined),
    );
    return turn;
  }

  added(producer: RemoteProducer): void {
    if (this.#wanted.has(producer.id)) return;
    this.#wanted.set(producer.id, producer);
    void this.#consume(producer).catch(() => {
      // It has gone meanwhile, or the line broke: then everything is made anew.
      this.#wanted.delete(producer.id);
    });
  }

  changed(id: string, paused: boolean): void {
    const found = this.#consumers.get(id);
    if (found !== undefined) found.of = { ...found.of, paused };
    const wanted = this.#wanted.get(id);
    if (wanted !== undefined) this.#wanted.set(id, { ...wanted, paused });
    this.#tell();
  }

  removed(id: string): void {
    this.#wanted.delete(id);
    this.#consumers.get(id)?.consumer.close();
    this.#consumers.delete(id);
    this.#tell();
  }

  /** Says what is on the screen: the server sends no other pictures, and these no larger than they are shown. */
  show(shown: Shown): void {
    this.#shown = shown;
    for (const consuming of this.#consumers.values()) {
      const told = consuming.told;
      this.#tellShown(consuming).catch(() => {
        consuming.told = told;
      });
    }
  }

  /** Finds another path after a change of network. */
  async restartIce(): Promise<void> {
    for (const making of [this.#send, this.#receive]) {
      const transport = await making?.catch(() => null);
      if (transport === null || transport === undefined || transport.closed) continue;
      const iceParameters = await this.#signal.call('media.restart-ice', { transport: transport.id });
      await transport.restartIce({ iceParameters: iceParameters as unknown as types.IceParameters });
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const making of [this.#send, this.#receive])
      void making?.then((transport) => transport.close()).catch(() => undefined);
    this.#consumers.clear();
    this.#wanted.clear();
  }

  async #set(source: Source, track: MediaStreamTrack | null, paused: boolean): Promise<void> {
    // A track that has ended meanwhile is followed by another one, or by none.
    if (this.#isClosed || track?.readyState === 'ended') return;
    const producer = this.#producers.get(source);
    if (track === null) {
      if (producer === undefined) return;
      this.#producers.delete(source);
      producer.close();
      await this.#signal.call('media.stop', { producer: producer.id });
      return;
    }
    if (producer !== undefined && !producer.closed) {
      if (producer.track !== track) await producer.replaceTrack({ track });
      if (producer.paused === paused) return;
      if (paused) producer.pause();
      else producer.resume();
      await this.#signal.call('media.pause', { producer: producer.id, paused });
      return;
    }
    if (!this.#device.canProduce(track.kind === 'audio' ? 'audio' : 'video')) return;
    const transport = await this.#transport('send');
    const encodings =
      source === 'camera'
        ? this.#state.encodings.camera
        : source === 'screen'
          ? this.#state.encodings.screen
          : [];
    const made = await transport.produce({
      track,
      appData: { source, paused },
      codecOptions: codecOptions[source],
      // The track belongs to whoever turned the device on.
      stopTracks: false,
      ...(encodings.length > 0 ? { encodings } : {}),
    });
    if (paused) made.pause();
    this.#producers.set(source, made);
  }

  async #consume(producer: RemoteProducer): Promise<void> {
    const transport = await this.#transport('receive');
    const answer = await this.#signal.call('media.consume', {
      transport: transport.id,
      producer: producer.id,
      rtpCapabilities: { ...this.#device.recvRtpCapabilities },
    });
    const { id, kind, rtpParameters } = answer as unknown as {
      id: string;
      kind: types.MediaKind;
      rtpParameters: types.RtpParameters;
    };
    const consumer = await transport.consume({
      id,
      producerId: producer.id,
      kind,
      rtpParameters,
      // Voice and picture of one person are played together, a screen by itself.
      streamId: `${producer.peer}-${producer.source.startsWith('screen') ? 'screen' : 'person'}`,
    });
    const of = this.#wanted.get(producer.id);
    if (this.#isClosed || of === undefined) {
      consumer.close();
      return;
    }
    const consuming = { consumer, of, told: '' };
    this.#consumers.set(producer.id, consuming);
    await this.#tellShown(consuming);
    this.#tell();
  }

  /** Sound is always played, and a screen always sharp. */
  async #tellShown(consuming: Consuming): Promise<void> {
    const { consumer, of } = consuming;
    const layer = this.#shown?.get(`${of.peer}/${of.source}`);
    const wanted =
      this.#shown === null || consumer.kind === 'audio'
        ? { paused: false }
        : layer === undefined
          ? { paused: true }
          : { paused: false, ...(of.source === 'camera' ? { layers: { spatialLayer: layer } } : {}) };
    const text = JSON.stringify(wanted);
    if (consuming.told === text) return;
    consuming.told = text;
    await this.#signal.call('media.show', { consumer: consumer.id, ...wanted });
  }

  #transport(direction: 'send' | 'receive'): Promise<types.Transport> {
    const known = direction === 'send' ? this.#send : this.#receive;
    if (known !== null) return known;
    const making = this.#makeTransport(direction);
    if (direction === 'send') this.#send = making;
    else this.#receive = making;
    return making;
  }

  async #makeTransport(direction: 'send' | 'receive'): Promise<types.Transport> {
    const answer = await this.#signal.call('media.transport', { direction });
    const options = answer as unknown as types.TransportOptions;
    const transport =
      direction === 'send'
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#signal
        .call('media.connect', { transport: transport.id, dtlsParameters: { ...dtlsParameters } })
        .then(() => done(), failed);
    });
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      this.#signal
        .call('media.produce', {
          transport: transport.id,
          source: appData.source as Source,
          rtpParameters: { ...rtpParameters },
          ...(appData.paused === true ? { paused: true } : {}),
        })
        .then(({ id }) => done({ id }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      // The way there has changed, as between two networks: another one may be there.
      if (state === 'failed') void this.restartIce().catch(() => undefined);
    });
    return transport;
  }

  #tell(): void {
    if (this.#isClosed) return;
    this.#listener.received(
      [...this.#consumers.values()].map(({ consumer, of }) => ({ ...of, track: consumer.track })),
    );
  }
}
