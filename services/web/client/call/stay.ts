import { Device, type types } from 'mediasoup-client';
import type { Reading } from '../quality/monitor.ts';
import type { Received, RemoteProducer } from './received.ts';
import type { SignalClient } from './signal-client.ts';

export type Source = 'camera' | 'microphone' | 'screen' | 'screen-audio';

/** What is shown of pictures: the layer of each, 0 for the smallest, by `<participant>/<source>`. */
export type Shown = ReadonlyMap<string, number>;

/** Something that is sent; no track: it is not. Paused, it stays ready. */
export interface Sent {
  source: Source;
  track: MediaStreamTrack | null;
  paused: boolean;
}

interface Consuming {
  consumer: types.Consumer;
  of: RemoteProducer;
  /** What the server was told of how it is shown, as JSON. */
  told: string;
}

export interface StayListener {
  /** Something else is received, or something has arrived. */
  changed(): void;
}

interface MediaState {
  peers: { id: string; participant: string }[];
  producers: RemoteProducer[];
  rtpCapabilities: types.RtpCapabilities;
  encodings: { camera: types.RtpEncodingParameters[]; screen: types.RtpEncodingParameters[] };
}

interface Transports {
  send: types.TransportOptions;
  /** Null where the grant does not let one receive. */
  receive: types.TransportOptions | null;
}

const codecOptions = {
  microphone: { opusDtx: true, opusFec: true },
  'screen-audio': { opusStereo: true, opusFec: true },
  camera: { videoGoogleStartBitrate: 800 },
  screen: {},
} as const;

/**
 * A stay at a media server: what is sent there and what is received. It ends with the server, its worker or the call; another
 * one takes its place, and sends the same tracks. What cannot be said because the line is broken is said by `mend`.
 */
export class Stay {
  readonly peer: string;
  /** Of the room at the media servers: a later one is larger. */
  readonly placement: number;
  readonly #signal: SignalClient;
  readonly #listener: StayListener;
  readonly #device: Device;
  readonly #state: MediaState;
  readonly #send: types.Transport;
  readonly #receive: types.Transport | null;
  readonly #producers = new Map<Source, types.Producer>();
  readonly #consumers = new Map<string, Consuming>();
  readonly #wanted = new Map<string, RemoteProducer>();
  readonly #others = new Map<string, string>();
  /** What is sent of one source changes step by step. */
  readonly #turns = new Map<Source, Promise<void>>();
  /** Null: nobody has said yet, so that everything is shown. */
  #shown: Shown | null;
  /** Producers that have ended, which the media server does not know yet. */
  readonly #unsaid = new Set<string>();
  /** Producers whose pause, or its end, the media server does not know yet. */
  readonly #misheard = new Set<string>();
  /**
   * Whether the media server was told that a producer is paused. Not what the producer says of itself: of a track that was
   * turned off while it was being made it believes to be paused from the beginning, and nobody else knows.
   */
  readonly #saidPaused = new Map<string, boolean>();
  #isClosed = false;

  /** Enters the media server. @throws Problem */
  static async enter(
    signal: SignalClient,
    grant: string,
    shown: Shown | null,
    listener: StayListener,
  ): Promise<Stay> {
    const answer = await signal.call('media.join', { grant });
    // As the OpenAPI of the service media has them.
    const state = answer.state as unknown as MediaState;
    const transports = answer.transports as unknown as Transports;
    const device = await deviceFor(state.rtpCapabilities);
    return new Stay(signal, device, answer, state, transports, shown, listener);
  }

  private constructor(
    signal: SignalClient,
    device: Device,
    { peer, placement, iceServers }: { peer: string; placement: number; iceServers: RTCIceServer[] },
    state: MediaState,
    { send, receive }: Transports,
    shown: Shown | null,
    listener: StayListener,
  ) {
    this.peer = peer;
    this.placement = placement;
    this.#signal = signal;
    this.#device = device;
    this.#state = state;
    this.#shown = shown;
    this.#listener = listener;
    this.#send = this.#prepare(device.createSendTransport({ ...send, iceServers }));
    this.#receive =
      receive === null ? null : this.#prepare(device.createRecvTransport({ ...receive, iceServers }));
    for (const { id, participant } of state.peers) this.#others.set(id, participant);
    for (const producer of state.producers) this.added(producer);
  }

  get received(): Received[] {
    return [...this.#consumers.values()].map(({ consumer, of }) => ({
      ...of,
      track: consumer.track,
      hidden: this.#layerOf(consumer, of) === null,
    }));
  }

  /** The others who are at this server. */
  get others(): ReadonlySet<string> {
    return new Set(this.#others.values());
  }

  /** Sends a track, another one in its place, or nothing more. */
  set({ source, track, paused }: Sent): Promise<void> {
    const turn = (this.#turns.get(source) ?? Promise.resolve()).then(() => this.#set(source, track, paused));
    this.#turns.set(
      source,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Says and asks again what was lost with the line. */
  mend(): void {
    for (const id of this.#unsaid) this.#sayStopped(id);
    for (const producer of this.#producers.values())
      if (this.#misheard.has(producer.id))
        this.#sayPaused(producer.id, this.#saidPaused.get(producer.id) === true);
    for (const consuming of this.#consumers.values()) this.#tellShown(consuming);
    for (const producer of this.#wanted.values()) if (!this.#consumers.has(producer.id)) this.#want(producer);
  }

  /** Says what is on the screen: the server sends no other pictures, and these no larger than they are shown. */
  show(shown: Shown): void {
    this.#shown = shown;
    for (const consuming of this.#consumers.values()) this.#tellShown(consuming);
    this.#listener.changed();
  }

  joined(id: string, participant: string): void {
    this.#others.set(id, participant);
    this.#listener.changed();
  }

  left(id: string): void {
    this.#others.delete(id);
    this.#listener.changed();
  }

  added(producer: RemoteProducer): void {
    if (this.#receive === null || this.#wanted.has(producer.id)) return;
    this.#want(producer);
  }

  changed(id: string, change: Partial<Pick<RemoteProducer, 'paused' | 'quality'>>): void {
    const found = this.#consumers.get(id);
    if (found !== undefined) found.of = { ...found.of, ...change };
    const wanted = this.#wanted.get(id);
    if (wanted !== undefined) this.#wanted.set(id, { ...wanted, ...change });
    this.#tell();
  }

  removed(id: string): void {
    this.#wanted.delete(id);
    this.#consumers.get(id)?.consumer.close();
    this.#consumers.delete(id);
    this.#tell();
  }

  /** How both connections are at this moment, and what they count. */
  async statistics(): Promise<Reading> {
    const rows = async (transport: types.Transport | null) =>
      transport === null || transport.closed ? [] : [...(await transport.getStats()).values()];
    const [send, receive] = await Promise.all([rows(this.#send), rows(this.#receive)]);
    const states = [this.#send, this.#receive].map((transport) => transport?.connectionState ?? 'new');
    return { send, receive, isConnected: isConnected(states) };
  }

  close(): void {
    this.#isClosed = true;
    this.#send.close();
    this.#receive?.close();
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
    if (!this.#device.canProduce(track.kind === 'audio' ? 'audio' : 'video')) return;
    const encodings =
      source === 'camera'
        ? this.#state.encodings.camera
        : source === 'screen'
          ? this.#state.encodings.screen
          : [];
    const made = await this.#send.produce({
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

  #sayPaused(id: string, paused: boolean): void {
    this.#saidPaused.set(id, paused);
    this.#misheard.add(id);
    this.#signal.call('media.pause', { peer: this.peer, producer: id, paused }).then(
      () => this.#misheard.delete(id),
      () => undefined,
    );
  }

  #sayStopped(id: string): void {
    this.#unsaid.add(id);
    this.#signal.call('media.stop', { peer: this.peer, producer: id }).then(
      () => this.#unsaid.delete(id),
      () => undefined,
    );
  }

  #want(producer: RemoteProducer): void {
    this.#wanted.set(producer.id, producer);
    // It has gone meanwhile, or the line broke: then it is asked for again.
    void this.#consume(producer).catch(() => undefined);
  }

  async #consume(producer: RemoteProducer): Promise<void> {
    const transport = this.#receive;
    if (transport === null) return;
    const { peer } = this;
    const answer = await this.#signal.call('media.consume', {
      peer,
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
      streamId: `${producer.participant}-${producer.source.startsWith('screen') ? 'screen' : 'person'}`,
    });
    const of = this.#wanted.get(producer.id);
    if (this.#isClosed || of === undefined || this.#consumers.has(producer.id)) {
      consumer.close();
      return;
    }
    const consuming = { consumer, of, told: '' };
    this.#consumers.set(producer.id, consuming);
    consumer.track.addEventListener('unmute', () => this.#tell());
    this.#tell();
    this.#tellShown(consuming);
  }

  /** What is shown of something; null for nothing. Sound is always played, and a screen always sharp. */
  #layerOf(consumer: types.Consumer, { participant, source }: RemoteProducer): number | 'all' | null {
    if (this.#shown === null || consumer.kind === 'audio') return 'all';
    const layer = this.#shown.get(`${participant}/${source}`) ?? null;
    return layer !== null && source !== 'camera' ? 'all' : layer;
  }

  #tellShown(consuming: Consuming): void {
    const { consumer, of } = consuming;
    const layer = this.#layerOf(consumer, of);
    const wanted = {
      paused: layer === null,
      ...(typeof layer === 'number' ? { layers: { spatialLayer: layer } } : {}),
    };
    const text = JSON.stringify(wanted);
    if (consuming.told === text) return;
    consuming.told = text;
    this.#signal.call('media.show', { peer: this.peer, consumer: consumer.id, ...wanted }).catch(() => {
      // It is told again when the line is back.
      if (consuming.told === text) consuming.told = '';
    });
  }

  #prepare(transport: types.Transport): types.Transport {
    const { peer } = this;
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#signal
        .call('media.connect', { peer, transport: transport.id, dtlsParameters: { ...dtlsParameters } })
        .then(() => done(), failed);
    });
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      this.#signal
        .call('media.produce', {
          ...{ peer, transport: transport.id, source: appData.source as Source },
          rtpParameters: { ...rtpParameters },
          ...(appData.paused === true ? { paused: true } : {}),
        })
        .then(({ id }) => done({ id }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      // The way there has changed, as between two networks: another one may be there.
      if (state === 'failed') void this.#restartIce(transport).catch(() => undefined);
    });
    return transport;
  }

  async #restartIce(transport: types.Transport): Promise<void> {
    const { peer } = this;
    await transport.updateIceServers(await this.#signal.call('self.ice-servers', {}));
    const iceParameters = await this.#signal.call('media.restart-ice', { peer, transport: transport.id });
    await transport.restartIce({ iceParameters: iceParameters as unknown as types.IceParameters });
  }

  #tell(): void {
    if (!this.#isClosed) this.#listener.changed();
  }
}

/** @returns null while nothing is known: what nobody has used yet is not connected either */
function isConnected(states: readonly types.ConnectionState[]): boolean | null {
  if (states.some((state) => state === 'disconnected' || state === 'failed')) return false;
  return states.includes('connected') ? true : null;
}

/** What the browser can do with a router of these capabilities; to find out takes a while, and all routers are alike. */
let known: { capabilities: string; device: Promise<Device> } | null = null;

function deviceFor(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const capabilities = JSON.stringify(routerRtpCapabilities);
  if (known?.capabilities === capabilities) return known.device;
  const device = Device.factory().then(async (made) => {
    await made.load({ routerRtpCapabilities });
    return made;
  });
  known = { capabilities, device };
  device.catch(() => {
    known = null;
  });
  return device;
}
