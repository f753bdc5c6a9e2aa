import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, isRefused, type Logger, Problem } from '@tandem/common';
import type { MediaEvent, PeerView, ProducerView } from './events.ts';
import { IncomingPipe } from './incoming-pipe.ts';
import type { Sending } from './peer.ts';
import type { PipeListen } from './pipe.ts';
import { noWorker, producerGone, roomUnknown } from './problems.ts';
import type { RoomRouter } from './room-router.ts';
import { Subscription } from './subscription.ts';

/** The room here, as far as a part of it elsewhere is concerned. */
export interface Around {
  room: string;
  /** Where this media server listens. */
  here: Address;
  listen: PipeListen;
  log: Logger;
  /** Where pipes end. */
  home(): RoomRouter | undefined;
  /** Tells the people here. @param participant whom it is about, and who need not be told for that */
  tell(event: MediaEvent, participant: string): void;
  /** A voice is to be heard here, too. */
  hear(sending: Sending): void;
  /** The room has nobody there any more. */
  over(): void;
}

/** Tried again after these, in ms; then every time after the last one. */
const PAUSES_MS = [0, 100, 200, 500, 1_000, 2_000, 5_000];

/** So often in a row the connection breaks before what it told is taken for lost. */
const MOST_BREAKS = 4;

/** What could not be brought is offered to the people here again after this, in ms. */
const AGAIN_MS = 2_000;

/**
 * The part of a room that is on another media server: who is there and what they send, as that server tells it. What somebody
 * here wants to see is brought over one pipe; voices always are, since all want to hear them.
 */
export class RemotePart {
  readonly peers = new Map<string, PeerView>();
  readonly producers = new Map<string, ProducerView>();
  readonly #server: Address;
  readonly #around: Around;
  readonly #end = new AbortController();
  #subscription: Subscription | null = null;
  #pipe: Promise<IncomingPipe> | null = null;
  /** What was brought. */
  readonly #streams = new Set<string>();
  /** What could not be. */
  readonly #offers = new Map<string, NodeJS.Timeout>();

  constructor(server: Address, around: Around) {
    this.#server = server;
    this.#around = around;
    void this.#follow();
  }

  /** How much comes from there. */
  get streams(): number {
    return this.#streams.size;
  }

  /** A producer, where it can be reached here. @throws Problem producer-gone, no-worker; UnavailableError */
  async bring(id: string): Promise<Sending> {
    const view = this.producers.get(id);
    if (view === undefined) throw producerGone();
    try {
      const pipe = await this.#openPipe();
      const producer = await pipe.bring(view);
      // What happened to it while it was on its way.
      const now = this.producers.get(id);
      if (now === undefined || producer.closed) throw producerGone();
      await pipe.setPaused(id, now.paused);
      this.#streams.add(id);
      return { producer, source: view.source, at: pipe.at };
    } catch (error) {
      this.#offerLater(id);
      throw error;
    }
  }

  /** Voices are to be heard at another worker. */
  hear(): void {
    for (const view of this.producers.values()) this.#hear(view);
  }

  close(): void {
    this.#end.abort();
    this.#drop();
    for (const timer of this.#offers.values()) clearTimeout(timer);
  }

  /** Until the room has nobody there any more. */
  async #follow(): Promise<void> {
    const { room, log } = this.#around;
    const { signal } = this.#end;
    for (let failures = 0; !signal.aborted; ) {
      const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0;
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        if ((await this.#subscribe()) === 'over') break;
        failures = 1;
      } catch (error) {
        if (isOver(error)) break;
        if (failures === 0)
          log.warn({ room, server: this.#server, err: error }, 'a part of a room is out of reach');
        failures += 1;
      }
    }
    if (signal.aborted) return;
    this.#end.abort();
    this.#around.over();
  }

  /** @returns `over` where nobody listens there any more, `lost` where it has to begin anew */
  async #subscribe(): Promise<'over' | 'lost'> {
    const subscription = await Subscription.begin(this.#server, this.#around.room, this.#around.here);
    if (this.#end.signal.aborted) {
      subscription.end().catch(() => undefined);
      return 'lost';
    }
    this.#begin(subscription);
    try {
      return await this.#read(subscription);
    } finally {
      this.#drop();
    }
  }

  async #read(subscription: Subscription): Promise<'over' | 'lost'> {
    const { signal } = this.#end;
    let last = subscription.begun.events;
    let isLost = false;
    for (let breaks = 0; !signal.aborted && !isLost && breaks <= MOST_BREAKS; breaks++) {
      const since = performance.now();
      const reading = new AbortController();
      const outcome = await subscription.read(
        last,
        AbortSignal.any([signal, reading.signal]),
        (id, event) => {
          breaks = 0;
          last = id ?? last;
          if (event.type === 'resync') {
            isLost = true;
            reading.abort();
          } else this.#happened(event);
        },
      );
      // No process that knows the room would refuse.
      if (outcome === 'refused') return 'over';
      if (outcome === 'unknown') return 'lost';
      if (performance.now() - since > 10_000) breaks = 0;
      await sleep(PAUSES_MS[breaks] ?? 0, undefined, { signal }).catch(() => undefined);
    }
    return 'lost';
  }

  #begin(subscription: Subscription): void {
    this.#subscription = subscription;
    for (const peer of subscription.begun.peers) this.#happened({ type: 'peer.joined', peer });
    for (const producer of subscription.begun.producers) this.#happened({ type: 'producer.added', producer });
  }

  /** All that came from there has ended. */
  #drop(): void {
    const subscription = this.#subscription;
    this.#subscription = null;
    const pipe = this.#pipe;
    this.#pipe = null;
    this.#streams.clear();
    void pipe?.then(
      (open) => open.close(),
      () => undefined,
    );
    subscription?.end().catch(() => undefined);
    for (const producer of [...this.producers.keys()]) this.#happened({ type: 'producer.removed', producer });
    for (const peer of [...this.peers.keys()]) this.#happened({ type: 'peer.left', peer });
  }

  #happened(event: MediaEvent): void {
    switch (event.type) {
      case 'peer.joined':
        this.peers.set(event.peer.id, event.peer);
        this.#around.tell(event, event.peer.participant);
        break;
      case 'peer.left': {
        const peer = this.peers.get(event.peer);
        if (peer === undefined) return;
        this.peers.delete(event.peer);
        this.#around.tell(event, peer.participant);
        break;
      }
      case 'producer.added':
        this.producers.set(event.producer.id, event.producer);
        this.#around.tell(event, event.producer.participant);
        this.#hear(event.producer);
        break;
      case 'producer.changed':
        void this.#pipe?.then((pipe) => pipe.setPaused(event.producer, event.paused)).catch(() => undefined);
        this.#change(event.producer, { paused: event.paused }, event);
        break;
      case 'producer.quality':
        this.#change(event.producer, { quality: event.quality }, event);
        break;
      case 'producer.removed': {
        const view = this.producers.get(event.producer);
        if (view === undefined) return;
        this.producers.delete(event.producer);
        this.#streams.delete(event.producer);
        void this.#pipe?.then((pipe) => pipe.remove(event.producer)).catch(() => undefined);
        this.#around.tell(event, view.participant);
        break;
      }
      case 'reset':
        this.#renewPipe();
        break;
      default:
        break;
    }
  }

  #change(id: string, change: Partial<ProducerView>, event: MediaEvent): void {
    const view = this.producers.get(id);
    if (view === undefined) return;
    this.producers.set(id, { ...view, ...change });
    this.#around.tell(event, view.participant);
  }

  #hear(view: ProducerView): void {
    if (view.source !== 'microphone') return;
    this.bring(view.id).then(this.#around.hear, () => undefined);
  }

  #openPipe(): Promise<IncomingPipe> {
    if (this.#pipe !== null) return this.#pipe;
    const [home, subscription] = [this.#around.home(), this.#subscription];
    if (home === undefined || subscription === null) return Promise.reject(noWorker());
    const opening: Promise<IncomingPipe> = IncomingPipe.open(home, this.#around.listen, subscription, () => {
      if (this.#pipe === opening) this.#renewPipe();
    });
    this.#pipe = opening;
    opening.catch(() => {
      if (this.#pipe === opening) this.#pipe = null;
    });
    return opening;
  }

  /** A worker at one of its ends has died: what came over it is offered anew, and comes over another one. */
  #renewPipe(): void {
    const pipe = this.#pipe;
    this.#pipe = null;
    void pipe?.then(
      (open) => {
        open.close();
        for (const id of open.producers) this.#offer(id);
      },
      () => undefined,
    );
  }

  #offer(id: string): void {
    this.#streams.delete(id);
    const view = this.producers.get(id);
    if (view === undefined) return;
    this.#around.tell({ type: 'producer.removed', producer: id }, view.participant);
    this.#around.tell({ type: 'producer.added', producer: view }, view.participant);
    this.#hear(view);
  }

  #offerLater(id: string): void {
    if (this.#offers.has(id)) return;
    const timer = setTimeout(() => {
      this.#offers.delete(id);
      if (!this.#streams.has(id)) this.#offer(id);
    }, AGAIN_MS);
    this.#offers.set(id, timer);
  }
}

/** The room has nobody there, or no process listens there that could know it. */
function isOver(error: unknown): boolean {
  return isRefused(error) || (error instanceof Problem && error.type.code === roomUnknown.code);
}
