import { type Static, type TObject, type TSchema, Type } from '../schema.ts';
import type { Secret } from './secret.ts';

/** A text that is wrapped in a `Secret` once it is read. */
export function SecretText(options: { minLength?: number; pattern?: string; description?: string } = {}) {
  return Type.Unsafe<Secret>({ type: 'string', secret: true, ...options });
}

/** The service that signs access tokens, unless a deploy says otherwise. */
export const TOKEN_ISSUER = 'auth';

/** What every service is told by the job that runs it (docs/services.md lists it). */
export const baseProperties = {
  host: Type.String({ default: '127.0.0.1', description: 'Address to listen on' }),
  port: Type.Integer({ default: 3000, minimum: 0, maximum: 65535 }),
  serviceVersion: Type.String({ default: 'dev' }),
  environment: Type.String({ default: 'local' }),
  cloud: Type.String({ default: 'local' }),
  logLevel: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], { default: 'info' }),
  consulHttpAddr: Type.String({ default: 'http://127.0.0.1:8500' }),
  consulHttpToken: Type.Optional(SecretText()),
  consulRegister: Type.Boolean({
    default: true,
    description: 'Whether it registers itself in Consul when no Nomad does',
  }),
  redisUrl: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  redisService: Type.Optional(Type.String()),
  redisPassword: Type.Optional(SecretText()),
  rabbitmqUrl: Type.Optional(Type.String({ pattern: '^amqps?://' })),
  rabbitmqService: Type.Optional(Type.String()),
  rabbitmqUser: Type.String({ default: 'guest' }),
  rabbitmqPassword: Type.Optional(SecretText()),
  queues: Type.Optional(Type.String({ description: 'The queues of the service, as JSON (docs/queues.md)' })),
  tokenIssuer: Type.String({ default: TOKEN_ISSUER, description: 'Service that signs access tokens' }),
  trustedProxies: Type.String({
    default: 'loopback,linklocal,uniquelocal',
    description: 'Addresses whose X-Forwarded-For is believed',
  }),
  shutdownTimeoutMs: Type.Integer({ default: 10_000, minimum: 0 }),
  nomadAllocId: Type.Optional(Type.String()),
} satisfies Record<string, TSchema>;

export type BaseConfig = Static<TObject<typeof baseProperties>>;
