import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from '../redis/redis.ts';
import { type Static, Type } from '../schema.ts';
import { validatorOf } from '../validator.ts';
import type { App } from './app.ts';
import { idempotencyKeyReused, malformedRequest, requestInProgress } from './problems.ts';

const Record = Type.Object({
  /** Digest of the body that came with the key. */
  body: Type.String(),
  /** Null while the first request still runs. */
  answer: Type.Union([
    Type.Null(),
    Type.Object({ status: Type.Integer(), type: Type.String(), payload: Type.String() }),
  ]),
});

const isRecord = validatorOf(Record);

/** How long a repeated request gets the first one's answer. */
const KEEP_S = 24 * 60 * 60;

/** A first request that has not ended after this time never will: its process is gone. */
const RUNNING_S = 60;

const KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * Routes with `idempotent: true` obey the header Idempotency-Key: a caller that does not know whether its POST arrived
 * sends it again with the same key and gets the first answer, and nothing is done twice. Keys belong to the user and
 * the route. Answers of 5xx are not kept, so that the next attempt may succeed.
 */
export function addIdempotency(app: App, redis: Redis): void {
  const running = new WeakMap<FastifyRequest, { key: string; body: string }>();

  app.addHook('preHandler', async (request, reply) => {
    const given = request.headers['idempotency-key'];
    if (request.routeOptions.config.idempotent !== true || given === undefined) return;
    if (typeof given !== 'string' || !KEY.test(given)) {
      throw malformedRequest('Idempotency-Key must be 1 to 128 visible ASCII characters.');
    }
    const key = `idempotency:${digest([request.user.id, request.routeOptions.url, given])}`;
    const body = digest(request.body);
    const first = JSON.stringify({ body, answer: null } satisfies Static<typeof Record>);
    if ((await redis.set(key, first, 'EX', RUNNING_S, 'NX')) === 'OK') {
      running.set(request, { key, body });
      return;
    }
    return replay(await redis.get(key), body, reply);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { key, body } = running.get(request) ?? {};
    if (key === undefined || body === undefined) return;
    if (reply.statusCode >= 500 || typeof payload !== 'string') {
      await redis
        .del(key)
        .catch((error: Error) => request.log.warn({ err: error }, 'an idempotency key is left behind'));
      return;
    }
    const answer = { status: reply.statusCode, type: String(reply.getHeader('content-type')), payload };
    const done = JSON.stringify({ body, answer } satisfies Static<typeof Record>);
    // What was done is done: the caller gets its answer even if it cannot be kept.
    await redis
      .set(key, done, 'EX', KEEP_S)
      .catch((error: Error) =>
        request.log.warn({ err: error }, 'an answer could not be kept for repetitions'),
      );
  });
}

function replay(stored: string | null, body: string, reply: FastifyReply): FastifyReply {
  const record: unknown = JSON.parse(stored ?? 'null');
  if (!isRecord(record) || record.answer === null) throw requestInProgress();
  if (record.body !== body) throw idempotencyKeyReused();
  const { status, type, payload } = record.answer;
  return reply
    .code(status)
    .header('idempotency-replayed', 'true')
    .type(type)
    .serializer(String)
    .send(payload);
}

function digest(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('base64url');
}
