import type { Device, types } from 'mediasoup-client';
import { onFirstFrame } from './first-frame.ts';
import { type Received, type RemoteProducer, withoutDoubles } from './received.ts';
import { AGAIN_MS, mayPass, type SignalClient } from './signal-client.ts';

/** What is shown of pictures: the layer of each, 0 for the smallest, by `<participant>/<source>`. */
export type Shown = ReadonlyMap<string, number>;

export interface IncomingOptions {
  peer: string;
  signal: SignalClient;
  device: Device;
  transport: types.Transport;
  /** Null: nobody has said yet, so that everything is shown. */
  shown: Shown | null;
  /** Something else is received, or something has arrived. */
  changed(): void;
}

interface Consuming {
  consumer: types.Consumer;
  of: RemoteProducer;
  /** What the server was told of how it is shown, as JSON. */
  told: string;
  hasBegun: boolean;
}

/** What one stay at a media server receives of the others. What is lost with a broken line is asked again by `mend`. */
export class Incoming {
  readonly #options: IncomingOptions;
  readonly #consumers = new Map<string, Consuming>();
  readonly #wanted = new Map<string, RemoteProducer>();
  /** Producers that are being asked for. */
  readonly #asked = new Set<string>();
  #shown: Shown | null;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#shown = options.shown;
  }

  get received(): Received[] {
    return withoutDoubles(
      [...this.#consumers.values()].map(({ consumer, of, hasBegun }) => ({
        ...of,
        track: consumer.track,
        hasBegun,
        hidden: this.#layerOf(of) === null,
      })),
    );
  }

  mend(): void {
    for (const consuming of this.#consumers.values()) this.#tellShown(consuming);
    for (const { id } of this.#wanted.values()) this.#ask(id);
  }

  /** Says what is on the screen: the server sends no other pictures, and these no larger than they are shown. */
  show(shown: Shown): void {
    this.#shown = shown;
    for (const consuming of this.#consumers.values()) this.#tellShown(consuming);
    this.#options.changed();
  }

  added(producer: RemoteProducer): void {
    if (this.#wanted.has(producer.id)) return;
    this.#wanted.set(producer.id, producer);
    this.#ask(producer.id);
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
    // Offered anew, it is asked for anew: the answer that is on its way says that it has gone.
    this.#asked.delete(id);
    this.#consumers.get(id)?.consumer.close();
    this.#consumers.delete(id);
    this.#tell();
  }

  /** The transport is closed. */
  close(): void {
    this.#consumers.clear();
    this.#wanted.clear();
  }

  /** Asks for what is wanted and not there, until it comes, is refused, or has gone. */
  #ask(id: string): void {
    const producer = this.#wanted.get(id);
    if (producer === undefined || this.#consumers.has(id) || this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#consume(producer)
      .catch((error: unknown) => {
        // When the line comes back everything is asked for anyway.
        if (mayPass(error)) setTimeout(() => this.#options.signal.isOpen && this.#ask(id), AGAIN_MS);
      })
      .finally(() => this.#asked.delete(id));
  }

  async #consume(producer: RemoteProducer): Promise<void> {
    const { peer, signal, device, transport } = this.#options;
    const wish = this.#wishFor(producer);
    // By a connection that is there already packets would come before the browser knows what they are.
    const first = { ...wish, paused: wish.paused || transport.connectionState === 'connected' };
    const answer = await signal.call('media.consume', {
      ...{ peer, transport: transport.id, producer: producer.id, ...first },
      rtpCapabilities: { ...device.recvRtpCapabilities },
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
    if (of === undefined || this.#consumers.has(producer.id)) {
      consumer.close();
      return;
    }
    const consuming = { consumer, of, told: JSON.stringify(first), hasBegun: false };
    this.#consumers.set(producer.id, consuming);
    const begun = () => {
      consuming.hasBegun = true;
      this.#tell();
    };
    if (kind === 'video') onFirstFrame(consumer.track, begun);
    consumer.track.addEventListener('unmute', kind === 'video' ? () => this.#tell() : begun);
    this.#tell();
    this.#tellShown(consuming);
  }

  /** What is shown of something; null for nothing. Sound is always played, and a screen always sharp. */
  #layerOf({ participant, source }: RemoteProducer): number | 'all' | null {
    if (this.#shown === null || source === 'microphone' || source === 'screen-audio') return 'all';
    const layer = this.#shown.get(`${participant}/${source}`) ?? null;
    return layer !== null && source !== 'camera' ? 'all' : layer;
  }

  /** In the words of the media server. */
  #wishFor(of: RemoteProducer): { paused: boolean; layers?: { spatialLayer: number } } {
    const layer = this.#layerOf(of);
    return { ...(typeof layer === 'number' && { layers: { spatialLayer: layer } }), paused: layer === null };
  }

  #tellShown(consuming: Consuming): void {
    const { peer, signal } = this.#options;
    const { consumer, of } = consuming;
    const wish = this.#wishFor(of);
    const text = JSON.stringify(wish);
    if (consuming.told === text) return;
    consuming.told = text;
    signal.call('media.show', { peer, consumer: consumer.id, ...wish }).catch(() => {
      // It is told again when the line is back.
      if (consuming.told === text) consuming.told = '';
    });
  }

  #tell(): void {
    if (!this.#options.transport.closed) this.#options.changed();
  }
}
