import type { Address } from '@tandem/common';
import type { MediaEvent, PeerView, ProducerView } from './events.ts';
import type { Sending } from './peer.ts';
import { producerGone, subscriberUnknown } from './problems.ts';
import { type Around, RemotePart } from './remote-part.ts';
import { Subscriber } from './subscriber.ts';

/**
 * What of a room is on other media servers. Each server tells each other one of its own people only, so that nothing comes
 * round; see docs/decisions/0045-rooms-over-several-servers.md.
 */
export class Elsewhere {
  readonly #around: Omit<Around, 'here' | 'over'>;
  readonly #parts = new Map<string, RemotePart>();
  /** The servers that these parts are on, as they follow what happens here. */
  readonly #subscribers = new Map<string, Subscriber>();

  constructor(around: Omit<Around, 'here' | 'over'>) {
    this.#around = around;
  }

  /** How much comes from there and goes there. */
  get streams(): number {
    const all = [...this.#parts.values(), ...this.#subscribers.values()];
    return all.reduce((sum, { streams }) => sum + streams, 0);
  }

  get peers(): PeerView[] {
    return [...this.#parts.values()].flatMap(({ peers }) => [...peers.values()]);
  }

  get producers(): ProducerView[] {
    return [...this.#parts.values()].flatMap(({ producers }) => [...producers.values()]);
  }

  /** Follows what happens on media servers that have people of this room, too. @param here as they reach this one */
  follow(servers: readonly Address[], here: Address): void {
    for (const server of servers) {
      const key = `${server.host}:${server.port}`;
      if (this.#parts.has(key)) continue;
      const part = new RemotePart(server, { ...this.#around, here, over: () => this.#parts.delete(key) });
      this.#parts.set(key, part);
    }
  }

  /** A producer, where it can be reached here. @throws Problem producer-gone, no-worker; UnavailableError */
  async bring(producerId: string): Promise<Sending> {
    for (const part of this.#parts.values())
      if (part.producers.has(producerId)) return part.bring(producerId);
    throw producerGone();
  }

  /** All voices are to be heard at another worker. */
  hear(): void {
    for (const part of this.#parts.values()) part.hear();
  }

  /** Lets another media server follow what happens here. It has one subscription: a later one ends the former. */
  subscribe(from: Address): { subscriber: Subscriber; token: string } {
    for (const former of this.#subscribers.values())
      if (former.from.host === from.host && former.from.port === from.port) this.unsubscribe(former);
    const made = Subscriber.create(from);
    this.#subscribers.set(made.subscriber.id, made.subscriber);
    return made;
  }

  /** @throws Problem subscriber-unknown */
  subscriber(id: string, token: string | undefined): Subscriber {
    const subscriber = this.#subscribers.get(id);
    if (subscriber === undefined || token === undefined || !subscriber.hasToken(token))
      throw subscriberUnknown();
    return subscriber;
  }

  unsubscribe(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber.id)) return;
    subscriber.close();
    subscriber.events.end();
  }

  /** Tells the other servers what somebody here does. */
  tell(event: MediaEvent): void {
    for (const subscriber of this.#subscribers.values()) subscriber.events.add(event);
  }

  close(): void {
    for (const part of this.#parts.values()) part.close();
    for (const subscriber of this.#subscribers.values()) this.unsubscribe(subscriber);
  }
}
