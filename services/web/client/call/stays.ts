import { isLevel } from '../quality/levels.ts';
import type { Reading } from '../quality/monitor.ts';
import type { Shown } from './incoming.ts';
import type { Sent } from './outgoing.ts';
import { duringMove, isAllThere, type Received, type RemoteProducer } from './received.ts';
import { AGAIN_MS, mayPass, type SignalClient } from './signal-client.ts';
import { Stay } from './stay.ts';

/** An event of a media server. */
export interface MediaEvent {
  type: string;
  [field: string]: unknown;
}

export interface StaysOptions {
  signal: SignalClient;
  /** One that has not expired. @throws Problem */
  grant(): Promise<string>;
  /** All that is sent now. */
  sent(): readonly Sent[];
  received(list: readonly Received[]): void;
  speaker(participant: string): void;
}

/** After a media server was lost another one is entered at once, then after these, in ms. */
const PAUSES_MS = [0, 100, 200, 500, 1_000, 2_000, 4_000];

/** When everything of the others has arrived by the new server, what goes out by the former one is left to them, in ms. */
const SETTLE_MS = 1_500;

/** A move takes no longer, in ms: whoever has not come by then does not come, or has a network that cannot do both. */
const LONGEST_MOVE_MS = 15_000;

/**
 * The media of a call: one stay at a media server, and while the call moves a second one beside it. The former one is left when
 * the other has everything; so a move is not seen, and a loss only for as long as entering takes.
 */
export class Stays {
  readonly #options: StaysOptions;
  #current: Stay | null = null;
  #former: { stay: Stay; isLost: boolean; timer: ReturnType<typeof setTimeout> } | null = null;
  /** Ends the attempts to enter. */
  #entering: AbortController | null = null;
  /** Of the room, the latest that was heard of. */
  #placement = 0;
  /** What a media server said before its answer to whoever entered was there. */
  #early: { peer: string; event: MediaEvent }[] = [];
  /** Stays whose media are lost. */
  readonly #lost = new WeakSet<Stay>();
  /** Null before anybody has said. */
  #shown: Shown | null = null;
  #isOver = false;

  constructor(options: StaysOptions) {
    this.#options = options;
  }

  /** A session has begun: nothing of a former one counts. */
  begin(): void {
    this.#leaveFormer();
    this.#enter();
  }

  /** The line is back, and the room is at this placement. */
  resume(placement: number | null): void {
    this.#former?.stay.mend();
    this.#current?.mend();
    const current = this.#current;
    if (current === null || this.#lost.has(current) || (placement ?? 0) > current.placement) this.#enter();
    else this.send();
  }

  /** The room has another place: it is entered beside the one that there is. */
  moved(placement: number): void {
    this.#placement = Math.max(this.#placement, placement);
    // Whoever has noticed by themselves that the former place is lost is on the way there already.
    if (this.#entering === null && this.#current !== null && placement > this.#current.placement)
      this.#enter();
  }

  /** Sends what is to be sent now, wherever there is a stay. */
  send(): void {
    for (const stay of [this.#former?.stay, this.#current]) if (stay) this.#sendBy(stay);
  }

  /** Says what is on the screen. */
  show(shown: Shown): void {
    this.#shown = shown;
    this.#former?.stay.show(shown);
    this.#current?.show(shown);
  }

  /** How the connections to the media server are; null while there is none. */
  async statistics(): Promise<Reading | null> {
    return (await this.#current?.statistics()) ?? null;
  }

  event(peer: string, event: MediaEvent): void {
    const stay = [this.#current, this.#former?.stay].find((each) => each?.peer === peer);
    if (stay) this.#happened(stay, event);
    else if (this.#entering !== null) this.#early.push({ peer, event });
  }

  close(): void {
    this.#isOver = true;
    this.#entering?.abort();
    if (this.#former !== null) clearTimeout(this.#former.timer);
    this.#former?.stay.close();
    this.#current?.close();
    this.#former = null;
    this.#current = null;
  }

  /** Again and again until it worked, or another attempt has begun. */
  #enter(): void {
    this.#entering?.abort();
    const attempt = new AbortController();
    this.#entering = attempt;
    void this.#enterUntil(attempt.signal).finally(() => {
      if (this.#entering !== attempt) return;
      this.#entering = null;
      this.#early = [];
    });
  }

  async #enterUntil(signal: AbortSignal): Promise<void> {
    for (let tries = 0; !signal.aborted && !this.#isOver; tries++) {
      const wait = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      // Whoever resumes comes back here.
      if (signal.aborted || this.#isOver || !this.#options.signal.isOpen) return;
      try {
        const stay = await Stay.enter(this.#options.signal, await this.#options.grant(), {
          shown: this.#shown,
          isBeside: this.#current !== null && !this.#lost.has(this.#current),
          changed: () => this.#changed(),
        });
        const isWanted = !signal.aborted && !this.#isOver;
        if (isWanted && stay.placement >= this.#placement) {
          this.#entered(stay);
          return;
        }
        this.#leave(stay);
      } catch (error) {
        console.warn('the media server could not be entered', error);
      }
    }
  }

  #entered(stay: Stay): void {
    this.#leaveFormer();
    const former = this.#current;
    this.#current = stay;
    if (former !== null) {
      const timer = setTimeout(() => this.#leaveFormer(), LONGEST_MOVE_MS);
      const isLost = this.#lost.has(former);
      this.#former = { stay: former, isLost, timer };
      if (isLost) stay.sendAll();
    }
    this.#sendBy(stay);
    const early = this.#early.filter(({ peer }) => peer === stay.peer);
    this.#early = [];
    for (const { event } of early) this.#happened(stay, event);
    this.#changed();
  }

  #happened(stay: Stay, event: MediaEvent): void {
    switch (event.type) {
      case 'peer.joined': {
        const { id, participant } = event.peer as { id: string; participant: string };
        stay.joined(id, participant);
        break;
      }
      case 'peer.left':
        stay.left(String(event.peer));
        break;
      case 'producer.added':
        // At a place that is lost nothing can be had any more, not even what is sent from here by another stay.
        if (!this.#lost.has(stay)) stay.added(event.producer as RemoteProducer);
        break;
      case 'producer.changed':
        stay.changed(String(event.producer), { paused: event.paused === true });
        break;
      case 'producer.quality':
        if (isLevel(event.quality)) stay.changed(String(event.producer), { quality: event.quality });
        break;
      case 'producer.removed':
        stay.removed(String(event.producer));
        break;
      case 'speaker':
        if (stay === this.#current) this.#options.speaker(String(event.participant));
        break;
      case 'reset':
      case 'resync':
      case 'gone':
        this.#lost.add(stay);
        if (stay === this.#former?.stay) {
          this.#former.isLost = true;
          this.#current?.sendAll();
          this.#changed();
        } else if (this.#entering === null) this.#enter();
        break;
    }
  }

  #sendBy(stay: Stay): void {
    for (const sent of this.#options.sent())
      stay.set(sent).catch((error: unknown) => {
        console.warn(`${sent.source} could not be sent`, error);
        if (mayPass(error)) setTimeout(() => this.#sendAgain(stay), AGAIN_MS);
      });
  }

  /** What is sent already is not sent twice; when the line comes back everything is sent anyway. */
  #sendAgain(stay: Stay): void {
    if (this.#options.signal.isOpen) this.#sendBy(stay);
  }

  #changed(): void {
    const [former, current] = [this.#former, this.#current];
    if (current === null) return;
    if (former === null) {
      this.#options.received(current.received);
      return;
    }
    this.#options.received(duringMove(former.stay.received, current.received));
    const haveAllCome = [...former.stay.others].every((other) => current.others.has(other));
    if (!haveAllCome || !isAllThere(former.stay.received, current.received)) return;
    clearTimeout(former.timer);
    former.timer = setTimeout(() => this.#leaveFormer(), former.isLost ? 0 : SETTLE_MS);
  }

  #leaveFormer(): void {
    const former = this.#former;
    if (former === null) return;
    clearTimeout(former.timer);
    this.#former = null;
    this.#leave(former.stay);
    this.#current?.sendAll();
    this.#changed();
  }

  #leave(stay: Stay): void {
    stay.close();
    this.#options.signal.forgetPeer(stay.peer);
    this.#options.signal.call('media.leave', { peer: stay.peer }).catch(() => undefined);
  }
}
