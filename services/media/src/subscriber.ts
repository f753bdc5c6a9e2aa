import type { Address } from '@tandem/common';
import type { Consumer, PipeTransport } from 'mediasoup/types';
import { Member, newToken } from './member.ts';
import { type Carried, createPipe, endOf, type PipeEnd, type PipeListen } from './pipe.ts';
import { lostMedia } from './problems.ts';
import type { RoomRouter } from './room-router.ts';

interface Pipe {
  at: RoomRouter;
  transport: PipeTransport;
  /** By producer. */
  consumers: Map<string, Consumer>;
}

/**
 * Another media server that has people of the same room. It is told what those here do, and gets what it asks for: each
 * producer once, over one pipe. See docs/decisions/0045-rooms-over-several-servers.md.
 */
export class Subscriber extends Member {
  /** Where it listens. */
  readonly from: Address;
  #pipe: Pipe | null = null;

  /** @returns the subscriber and its token, which is kept nowhere */
  static create(from: Address): { subscriber: Subscriber; token: string } {
    const token = newToken();
    return { subscriber: new Subscriber(from, token), token };
  }

  private constructor(from: Address, token: string) {
    super(token);
    this.from = from;
  }

  /** How much it gets. */
  get streams(): number {
    return this.#pipe?.consumers.size ?? 0;
  }

  /** Where its pipe begins: what it asks for has to be there. @throws Problem media-lost */
  get at(): RoomRouter {
    if (this.#pipe === null || this.#pipe.transport.closed) throw lostMedia();
    return this.#pipe.at;
  }

  /** A pipe in place of the one that there may be. */
  async connect(at: RoomRouter, listen: PipeListen, other: PipeEnd): Promise<PipeEnd> {
    this.close();
    const transport = await createPipe(at, listen);
    const pipe = { at, transport, consumers: new Map() };
    this.#pipe = pipe;
    transport.observer.once('close', () => {
      if (this.#pipe !== pipe) return;
      this.#pipe = null;
      // With its worker; all others are closed on purpose.
      if (at.isLost) this.events.add({ type: 'reset', reason: 'worker-lost' });
    });
    await transport.connect(other);
    return endOf(transport);
  }

  /** Sends a producer that is at the beginning of the pipe. @throws Problem media-lost */
  async carry(producerId: string): Promise<Carried> {
    if (this.#pipe === null) throw lostMedia();
    const { transport, consumers } = this.#pipe;
    consumers.get(producerId)?.close();
    const consumer = await transport.consume({ producerId });
    consumers.set(producerId, consumer);
    consumer.observer.once('close', () => {
      if (consumers.get(producerId) === consumer) consumers.delete(producerId);
    });
    const { kind, rtpParameters, producerPaused: paused } = consumer;
    return { kind, rtpParameters, paused };
  }

  close(): void {
    const pipe = this.#pipe;
    this.#pipe = null;
    pipe?.transport.close();
  }
}
