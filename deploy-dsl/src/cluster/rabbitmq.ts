import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClusterError, isNotFound } from './cluster-error.ts';
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
  /** All of them, those that a consumer has not answered yet included; counted anew every five seconds. */
  messages: Type.Optional(Type.Number()),
  /** Of these, given to a consumer and not answered yet. */
  messages_unacknowledged: Type.Optional(Type.Number()),
});
export type RabbitmqQueue = Static<typeof Queue>;

const Consumer = Type.Object({ queue: Type.Object({ name: Type.String() }) });

/** Messages per second, over the last few seconds. */
const Rate = Type.Optional(Type.Object({ rate: Type.Number() }));
const Statistics = Type.Object({
  name: Type.String(),
  message_stats: Type.Optional(
    Type.Object({
      /** Of a queue: what came, and what its consumers have answered. */
      publish_details: Rate,
      ack_details: Rate,
      /** Of an exchange. */
      publish_in_details: Rate,
      publish_out_details: Rate,
    }),
  ),
});
export type RabbitmqStatistics = Static<typeof Statistics>;

const Overview = Type.Object({
  listeners: Type.Optional(Type.Array(Type.Object({ protocol: Type.String(), port: Type.Number() }))),
});

const Alarms = Type.Object({
  alarms: Type.Optional(Type.Array(Type.Object({ node: Type.String(), resource: Type.String() }))),
});
/** While there is one, RabbitMQ takes no message from anybody. `resource` is `memory` or `disk space`. */
export interface RabbitmqAlarm {
  node: string;
  resource: string;
}

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
  readonly #options: RabbitmqOptions;
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
    this.#options = options;
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

  /** With their depth: from the queues themselves, for the statistics know nothing of a queue in its first seconds. */
  async queues(options: Abortable = {}): Promise<RabbitmqQueue[]> {
    const query = { disable_stats: true, enable_queue_totals: true };
    return this.#http.json(this.#path('queues'), Type.Array(Queue), { query, signal: options.signal });
  }

  /** What went through queues and exchanges lately; those in which nothing happened, or that are new, have no rates. */
  async statistics(of: 'queues' | 'exchanges', options: Abortable = {}): Promise<RabbitmqStatistics[]> {
    return this.#http.json(this.#path(of), Type.Array(Statistics), options);
  }

  /** How many consumers each queue has; queues without one are not among them. */
  async consumers(options: Abortable = {}): Promise<Map<string, number>> {
    const list = await this.#http.json(this.#path('consumers'), Type.Array(Consumer), options);
    const names = list.map(({ queue }) => queue.name);
    return new Map(names.map((name) => [name, names.filter((other) => other === name).length]));
  }

  /** Where it speaks AMQP: on the host of the management API, with the same account (a URL with the password in it). */
  async amqpUrl(options: Abortable = {}): Promise<string> {
    const { listeners = [] } = await this.#http.json('/api/overview', Overview, options);
    const management = new URL(this.address);
    const wanted = management.protocol === 'https:' ? ['amqp/ssl', 'amqp'] : ['amqp', 'amqp/ssl'];
    const listener = wanted.flatMap((name) => listeners.filter(({ protocol }) => protocol === name))[0];
    const scheme = listener?.protocol === 'amqp/ssl' ? 'amqps' : 'amqp';
    const url = new URL(`${scheme}://${management.hostname}:${listener?.port ?? 5672}`);
    url.username = encodeURIComponent(this.#options.user);
    url.password = encodeURIComponent(this.#options.password);
    return `${url.href.replace(/\/$/, '')}/${this.#vhost}`;
  }

  /**
   * Nobody consumes from the queue, and there is no message in it at this moment. A message that is found is put back
   * where it was, as delivered once more.
   */
  async isIdle(name: string, options: Abortable = {}): Promise<boolean> {
    if ((await this.consumers(options)).has(name)) return false;
    try {
      const found = await this.#http.json(`${this.#path('queues', name)}/get`, Type.Array(Type.Unknown()), {
        method: 'POST',
        body: { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto', truncate: 1 },
        signal: options.signal,
      });
      return found.length === 0;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  /** Why RabbitMQ holds all publishers back at this moment; nothing when it does not. */
  async alarms(options: Abortable = {}): Promise<RabbitmqAlarm[]> {
    try {
      await this.#http.text('/api/health/checks/alarms', options);
      return [];
    } catch (error) {
      const found = error instanceof ClusterError && error.status === 503 ? alarmsIn(error.reply) : [];
      if (found.length === 0) throw error;
      return found;
    }
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
    await this.#delete(this.#path('bindings', 'e', source, 'q', destination, properties_key), options);
  }

  async deleteExchange(name: string, options: Abortable = {}): Promise<void> {
    await this.#delete(this.#path('exchanges', name), options);
  }

  /** With all that is in it: a quorum queue knows no "only if it is empty". Ask `isIdle` first. */
  async deleteQueue(name: string, options: Abortable = {}): Promise<void> {
    await this.#delete(this.#path('queues', name), options);
  }

  async #put(path: string, body: object, options: Abortable): Promise<void> {
    await this.#http.text(path, { method: 'PUT', body, signal: options.signal });
  }

  /** What is gone already counts as deleted. */
  async #delete(path: string, options: Abortable): Promise<void> {
    await this.#http.text(path, { method: 'DELETE', signal: options.signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  #path(kind: 'exchanges' | 'queues' | 'bindings' | 'consumers', ...rest: string[]): string {
    return ['/api', kind, this.#vhost, ...rest.map(encodeURIComponent)].join('/');
  }
}

function alarmsIn(reply: string): RabbitmqAlarm[] {
  try {
    const answer: unknown = JSON.parse(reply);
    return Value.Check(Alarms, answer) ? (answer.alarms ?? []) : [];
  } catch {
    return [];
  }
}
