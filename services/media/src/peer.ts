import type { Consumer, Producer, WebRtcTransport } from 'mediasoup/types';
import type { PeerView, ProducerView, Source } from './events.ts';
import type { Admission, Permission } from './grant.ts';
import { ask } from './mediasoup-errors.ts';
import { Member, newToken } from './member.ts';
import { mediaNotFound, notPermitted, tooMany } from './problems.ts';
import { qualityOf } from './quality.ts';
import type { RoomRouter } from './room-router.ts';

/** A producer with what it shows. */
export interface Sending {
  producer: Producer;
  source: Source;
  /** Where it was made. */
  at: RoomRouter;
}

const LARGEST_TRANSPORTS = 4;

/** Which way a transport carries. */
export type Direction = 'send' | 'receive';

/** The media of a peer; all of it is lost at once when its worker dies. */
export class PeerMedia {
  readonly at: RoomRouter;
  readonly transports = new Map<string, { transport: WebRtcTransport; direction: Direction }>();
  readonly sendings = new Map<string, Sending>();
  readonly consumers = new Map<string, Consumer>();

  /** Of transports and sources that are being made. */
  readonly #claims = new Set<symbol | Source>();

  constructor(at: RoomRouter) {
    this.at = at;
  }

  /**
   * A client needs two transports, and twice that while it swaps them for others.
   *
   * @throws Problem too-many or media-lost
   */
  async addTransport(direction: Direction): Promise<WebRtcTransport> {
    const onTheirWay = [...this.#claims].filter((claim) => typeof claim === 'symbol').length;
    if (this.transports.size + onTheirWay >= LARGEST_TRANSPORTS) throw tooMany();
    const claim = Symbol();
    this.#claims.add(claim);
    try {
      const { at } = this;
      const transport = await ask(
        () => at.isLost,
        () => at.createTransport(),
      );
      this.transports.set(transport.id, { transport, direction });
      transport.observer.once('close', () => this.transports.delete(transport.id));
      return transport;
    } finally {
      this.#claims.delete(claim);
    }
  }

  /**
   * Keeps a source for a producer that is being made.
   *
   * @returns lets go of it
   * @throws Problem too-many
   */
  claim(source: Source): () => void {
    const isSent = [...this.sendings.values()].some((sending) => sending.source === source);
    if (isSent || this.#claims.has(source)) throw tooMany(`It sends its ${source} already.`);
    this.#claims.add(source);
    return () => this.#claims.delete(source);
  }

  close(): void {
    for (const { transport } of this.transports.values()) transport.close();
  }
}

/** Somebody in a room, with one connection of signalling. */
export class Peer extends Member {
  readonly admission: Admission;
  /** As whom the signalling knows it. */
  readonly participant: string;
  media: PeerMedia;

  /** @returns the peer and its token, which is kept nowhere */
  static create(
    admission: Admission,
    participant: string | undefined,
    at: RoomRouter,
  ): { peer: Peer; token: string } {
    const token = newToken();
    return { peer: new Peer(admission, participant, at, token), token };
  }

  private constructor(admission: Admission, participant: string | undefined, at: RoomRouter, token: string) {
    super(token);
    this.admission = admission;
    this.participant = participant ?? this.id;
    this.media = new PeerMedia(at);
  }

  /** @throws Problem not-permitted */
  require(permission: Permission): void {
    if (!this.admission.permissions.has(permission)) throw notPermitted();
  }

  /** @throws Problem media-not-found */
  transport(id: string) {
    return found(this.media.transports.get(id));
  }

  sending(id: string): Sending {
    return found(this.media.sendings.get(id));
  }

  consumer(id: string): Consumer {
    return found(this.media.consumers.get(id));
  }

  view(): PeerView {
    const { userId: user, name } = this.admission;
    return { id: this.id, participant: this.participant, user, ...(name === undefined ? {} : { name }) };
  }

  producerView({ producer, source }: Sending): ProducerView {
    const { id, kind, paused, score } = producer;
    const { participant } = this;
    const quality = qualityOf(score);
    return { id, kind, paused, quality, source, peer: this.id, participant, user: this.admission.userId };
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw mediaNotFound();
  return value;
}
