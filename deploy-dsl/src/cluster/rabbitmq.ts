import { Type } from 'typebox';
import { isNotFound } from './cluster-error.ts';
import { Http } from './http.ts';
import type { Abortable } from './nomad/request.ts';
import { record, type Static } from './shapes.ts';

export interface RabbitmqOptions {
  /** Address of the management API, `http://host:port`. */
  address: string;
  user: string;
  password: string;
  /** The stack of this machine. */
  local: boolean;
  /** `/` unless told. */
  vhost?: string | undefined;
}

const Arguments = record(Type.Union([Type.String(), Type.Number(), Type.Boolean()]));

const Exchange = Type.Object({
  name: Type.String(),
  type: Type.String(),
  durable: Type.Boolean(),
  auto_delete: Type.Boolean(),
  arguments: Arguments,
});
export type RabbitmqExchange = Static<typeof Exchange>;

const Queue = Type.Object({
  name: Type.String(),
  type: Type.Optional(Type.String()),
  durable: Type.Boolean(),
  arguments: Arguments,
  /** Left out for some seconds after the queue was declared. */
  messages: Type.Optional(Type.Number()),
  messages_ready: Type.Optional(Type.Number()),
  messages_unacknowledged: Type.Optional(Type.Number()),
  consumers: Type.Optional(Type.Number()),
});
export type RabbitmqQueue = Static<typeof Queue>;

const Binding = Type.Object({
  /** Exchange; empty for the default one, to which every queue is bound. */
  source: Type.String(),
  destination: Type.String(),
  destination_type: Type.String(),
  routing_key: Type.String(),
  arguments: Arguments,
  /** What the binding is called in the path of its deletion. */
  properties_key: Type.String(),
});
export type RabbitmqBinding = Static<typeof Binding>;

type QueueArguments = Record<string, string | number | boolean>;

/** RabbitMQ's management API, one virtual host. Every method throws a ClusterError, or the signal's reason. */
export class Rabbitmq {
  readonly address: string;
  readonly #http: Http;
  readonly #vhost: string;

  constructor(options: RabbitmqOptions) {
    const credentials = Buffer.from(`${options.user}:${options.password}`).toString('base64');
    this.#http = new Http({
      system: 'RabbitMQ',
      address: options.address,
      headers: { authorization: `Basic ${credentials}` },
      query: {},
      local: options.local,
    });
    this.address = this.#http.address;
    this.#vhost = encodeURIComponent(options.vhost ?? '/');
  }

  /** Fails unless the server is up and the credentials are right. */
  async ping(options: Abortable = {}): Promise<void> {
    await this.#http.text('/api/whoami', options);
  }

  /** All but those of the server itself (`amq.*` and the default one). */
  async exchanges(options: Abortable = {}): Promise<RabbitmqExchange[]> {
    const list = await this.#http.json(this.#path('exchanges'), Type.Array(Exchange), options);
    return list.filter(({ name }) => name !== '' && !name.startsWith('amq.'));
  }

  /** With their depth, counted anew every five seconds. */
  async queues(options: Abortable = {}): Promise<RabbitmqQueue[]> {
    const query = { disable_stats: false, enable_queue_totals: true };
    return this.#http.json(this.#path('queues'), Type.Array(Queue), { query, signal: options.signal });
  }

  async queue(name: string, options: Abortable = {}): Promise<RabbitmqQueue | null> {
    return this.#http.json(this.#path('queues', name), Queue, options).catch((error: unknown) => {
      if (isNotFound(error)) return null;
      throw error;
    });
  }

  /** All but those to the default exchange. */
  async bindings(options: Abortable = {}): Promise<RabbitmqBinding[]> {
    const list = await this.#http.json(this.#path('bindings'), Type.Array(Binding), options);
    return list.filter(({ source }) => source !== '');
  }

  /** Idempotent; refused with status 400 when it exists with other properties. */
  async declareExchange(name: string, type: string, options: Abortable = {}): Promise<void> {
    await this.#put(this.#path('exchanges', name), { type, durable: true, auto_delete: false }, options);
  }

  /** Idempotent; refused with status 400 when it exists with other arguments. */
  async declareQueue(name: string, args: QueueArguments, options: Abortable = {}): Promise<void> {
    await this.#put(
      this.#path('queues', name),
      { durable: true, auto_delete: false, arguments: args },
      options,
    );
  }

  /** Idempotent. */
  async bind(exchange: string, queue: string, routingKey: string, options: Abortable = {}): Promise<void> {
    await this.#http.text(this.#path('bindings', 'e', exchange, 'q', queue), {
      method: 'POST',
      body: { routing_key: routingKey, arguments: {} },
      signal: options.signal,
    });
  }

  async unbind(binding: RabbitmqBinding, options: Abortable = {}): Promise<void> {
    const { source, destination, properties_key } = binding;
    await this.#delete(this.#path('bindings', 'e', source, 'q', destination, properties_key), {}, options);
  }

  async deleteExchange(name: string, options: Abortable = {}): Promise<void> {
    await this.#delete(this.#path('exchanges', name), {}, options);
  }

  /** With `ifEmpty` refused with status 400 while it holds messages. */
  async deleteQueue(name: string, options: Abortable & { ifEmpty?: boolean } = {}): Promise<void> {
    const query = options.ifEmpty === true ? { 'if-empty': true } : {};
    await this.#delete(this.#path('queues', name), query, options);
  }

  async #put(path: string, body: object, options: Abortable): Promise<void> {
    await this.#http.text(path, { method: 'PUT', body, signal: options.signal });
  }

  /** What is gone already counts as deleted. */
  async #delete(path: string, query: Record<string, boolean>, options: Abortable): Promise<void> {
    await this.#http
      .text(path, { method: 'DELETE', query, signal: options.signal })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  }

  #path(kind: 'exchanges' | 'queues' | 'bindings', ...rest: string[]): string {
    return ['/api', kind, this.#vhost, ...rest.map(encodeURIComponent)].join('/');
  }
}
