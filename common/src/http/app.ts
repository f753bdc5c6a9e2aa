import type {
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Logger } from '../log.ts';
import type { Static, TSchema } from '../schema.ts';
import type { User } from '../tokens/user.ts';
import type { ProblemType } from './problem.ts';

/** Gives handlers the types of their TypeBox schemas. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

/** The Fastify instance that a service adds its routes to. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  Logger,
  TypeBoxProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Who may call the route: `user` (the default) needs the access token of an account, `guest` that of an account or
     * a guest, `public` does not look at it.
     */
    access?: 'user' | 'guest' | 'public';
    /** Obeys the header Idempotency-Key; for POST routes of services with Redis. */
    idempotent?: boolean;
    /** Called all the time by machines: neither logged nor measured. */
    quiet?: boolean;
    /** What the route answers on purpose when it refuses; goes into the OpenAPI. */
    problems?: readonly ProblemType[];
  }

  interface FastifyRequest {
    /** Whoever signed in. Only on routes whose access is `user`; elsewhere reading it throws. */
    readonly user: User;
  }
}
