import type { PipeTransport, Producer } from 'mediasoup/types';
import type { ProducerView } from './events.ts';
import { createPipe, endOf, type PipeListen } from './pipe.ts';
import type { RoomRouter } from './room-router.ts';
import type { Subscription } from './subscription.ts';

/** A pipe from another media server: each producer comes over it once, when somebody here wants it first. */
export class IncomingPipe {
  readonly at: RoomRouter;
  readonly #transport: PipeTransport;
  readonly #subscription: Subscription;
  readonly #brought = new Map<string, Promise<Producer>>();

  static async open(
    at: RoomRouter,
    listen: PipeListen,
    subscription: Subscription,
    lost: () => void,
  ): Promise<IncomingPipe> {
    const transport = await createPipe(at, listen);
    try {
      await transport.connect(await subscription.connect(endOf(transport)));
    } catch (error) {
      transport.close();
      throw error;
    }
    transport.observer.once('close', lost);
    return new IncomingPipe(at, transport, subscription);
  }

  private constructor(at: RoomRouter, transport: PipeTransport, subscription: Subscription) {
    this.at = at;
    this.#transport = transport;
    this.#subscription = subscription;
  }

  /** What was brought, or is on its way. */
  get producers(): string[] {
    return [...this.#brought.keys()];
  }

  /** The producer as it is here, by the same id. */
  bring({ id }: ProducerView): Promise<Producer> {
    const known = this.#brought.get(id);
    if (known !== undefined) return known;
    const bringing = this.#bring(id);
    this.#brought.set(id, bringing);
    bringing.catch(() => this.#forget(id, bringing));
    return bringing;
  }

  /** The producer is paused, or goes on, where it comes from. */
  async setPaused(id: string, paused: boolean): Promise<void> {
    const producer = await this.#brought.get(id);
    if (producer === undefined || producer.closed || producer.paused === paused) return;
    await (paused ? producer.pause() : producer.resume());
  }

  /** The producer is not there any more. */
  remove(id: string): void {
    const bringing = this.#brought.get(id);
    if (bringing === undefined) return;
    this.#forget(id, bringing);
    void bringing.then(
      (producer) => producer.close(),
      () => undefined,
    );
  }

  close(): void {
    this.#transport.close();
  }

  async #bring(id: string): Promise<Producer> {
    const { kind, rtpParameters, paused } = await this.#subscription.carry(id);
    return this.#transport.produce({ id, kind, rtpParameters, paused });
  }

  #forget(id: string, bringing: Promise<Producer>): void {
    if (this.#brought.get(id) === bringing) this.#brought.delete(id);
  }
}
