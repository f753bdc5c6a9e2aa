import {
  type Address,
  type InstanceRequest,
  readEventStream,
  type Static,
  sendToInstance,
  type TSchema,
  UnavailableError,
} from '@tandem/common';
import { Check } from 'typebox/value';
import { MediaEvent } from './events.ts';
import { Carried, PipeEnd } from './pipe.ts';
import { Subscribed } from './schemas.ts';

/** What another media server tells of a room, and gives of it. Its answers are checked: it may be of another version. */
export class Subscription {
  /** Who is there and what they send, at first. */
  readonly begun: Static<typeof Subscribed>;
  readonly #server: Address;
  readonly #path: string;

  /**
   * @param here where this media server listens, for the other one to subscribe in turn
   * @throws Problem room-unknown; UnavailableError
   */
  static async begin(server: Address, room: string, here: Address): Promise<Subscription> {
    const path = `/internal/rooms/${encodeURIComponent(room)}/subscribers`;
    const request = { method: 'POST', path, body: { from: here, to: server } };
    return new Subscription(server, path, await ask(server, null, request, Subscribed));
  }

  private constructor(server: Address, path: string, begun: Static<typeof Subscribed>) {
    this.#server = server;
    this.#path = `${path}/${begun.subscriber}`;
    this.begun = begun;
  }

  /** Makes a pipe from there. @param end of the pipe here; @returns that of the pipe there */
  connect(end: PipeEnd): Promise<PipeEnd> {
    return this.#ask({ method: 'PUT', path: '/pipe', body: end }, PipeEnd);
  }

  /** Has a producer sent over the pipe. @throws Problem producer-gone */
  carry(producer: string): Promise<Carried> {
    return this.#ask({ method: 'PUT', path: `/producers/${encodeURIComponent(producer)}` }, Carried);
  }

  /** Reads on after an event; see `readEventStream`. */
  read(after: number, signal: AbortSignal, onEvent: (id: number | null, event: MediaEvent) => void) {
    const { host, port } = this.#server;
    const { token } = this.begun;
    return readEventStream({
      ...{ url: `http://${host}:${port}${this.#path}/events`, token, after, signal },
      onEvent: (id, event) => {
        if (Check(MediaEvent, event)) onEvent(id, event);
      },
    });
  }

  /** Nothing is wanted from there any more. */
  async end(): Promise<void> {
    await sendToInstance('media', this.#server, this.begun.token, { method: 'DELETE', path: this.#path });
  }

  #ask<Schema extends TSchema>({ path, ...request }: InstanceRequest, answer: Schema) {
    return ask(this.#server, this.begun.token, { ...request, path: `${this.#path}${path}` }, answer);
  }
}

async function ask<Schema extends TSchema>(
  server: Address,
  token: string | null,
  request: InstanceRequest,
  schema: Schema,
): Promise<Static<Schema>> {
  const answer: unknown = await sendToInstance('media', server, token, request);
  if (!Check(schema, answer))
    throw new UnavailableError('media', `its answer to ${request.path} does not fit`);
  return answer;
}
