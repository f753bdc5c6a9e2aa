import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from '../redis/redis.ts';
import { type Static, Type } from '../schema.ts';
import { validatorOf } from '../validator.ts';
import type { App } from './app.ts';
import { idempotencyKeyReused, malformedRequest, requestInProgress } from './problems.ts';

const Answer = Type.Object({ status: Type.Integer(), type: Type.String(), payload: Type.String() });
type Answer = Static<typeof Answer>;

const Record = Type.Object({
  /** Digest of the body that came with the key. */
  body: Type.String(),
  /** Null while the first request still runs. */
  answer: Type.Union([Type.Null(), Answer]),
});

/** The first request with a key, while it runs. */
interface Running {
  key: string;
  body: string;
  renewal: NodeJS.Timeout;
}

const isRecord = validatorOf(Record);

/** How long a repeated request gets the first one's answer. */
const KEEP_S = 24 * 60 * 60;

/** A request that runs says so again and again; one that was silent for so long is gone with its process. */
const LEASE_MS = 3_000;
const RENEW_MS = 500;

/** No request runs for longer: one whose end nobody noticed must not hold its key for ever. */
const LONGEST_RUN_MS = 60_000;

/** How long a repetition waits for the first one's answer: longer than the lease, shorter than who waits for it. */
const WAIT_MS = 8_000;
const POLL_MS = 50;

const KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * Routes with `idempotent: true` obey the header Idempotency-Key: a caller that does not know whether its POST arrived
 * sends it again with the same key and gets the first answer, and nothing is done twice. While the first one runs, the
 * repetition waits for it; if its process died, the repetition does the work some seconds later. Keys belong to the user
 * and the route. Answers of 5xx are not kept, so that the next attempt may succeed.
 */
export function addIdempotency(app: App, redis: Redis): void {
  const running = new WeakMap<FastifyRequest, Running>();

  app.addHook('preHandler', (request, reply, done) => {
    const given = request.headers['idempotency-key'];
    if (request.route.idempotent !== true || given === undefined) return done();
    return begin(request, reply, given);
  });

  async function begin(request: FastifyRequest, reply: FastifyReply, given: string | string[]) {
    if (typeof given !== 'string' || !KEY.test(given)) {
      throw malformedRequest('Idempotency-Key must be 1 to 128 visible ASCII characters.');
    }
    const key = `idempotency:${digest([request.user.id, request.route.url, given])}`;
    const body = digest(request.body);
    const first = JSON.stringify({ body, answer: null } satisfies Static<typeof Record>);
    const deadline = Date.now() + WAIT_MS;
    while ((await redis.set(key, first, 'PX', LEASE_MS, 'NX')) !== 'OK') {
      const record: unknown = JSON.parse((await redis.get(key)) ?? 'null');
      if (isRecord(record)) {
        if (record.body !== body) throw idempotencyKeyReused();
        if (record.answer !== null) return replay(record.answer, reply);
      }
      if (Date.now() >= deadline) throw requestInProgress();
      await sleep(POLL_MS);
    }
    running.set(request, { key, body, renewal: renew(redis, key) });
  }

  app.addHook('onSend', (request, reply, payload, done) => {
    const own = running.get(request);
    if (own === undefined) return done();
    running.delete(request);
    return finish(own, request, reply, payload);
  });

  async function finish(
    { key, body, renewal }: Running,
    request: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
  ): Promise<void> {
    clearInterval(renewal);
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
  }
}

function renew(redis: Redis, key: string): NodeJS.Timeout {
  const end = Date.now() + LONGEST_RUN_MS;
  const renewal = setInterval(() => {
    if (Date.now() > end) clearInterval(renewal);
    // One that fails is made up for by the next; the answer is kept in any case.
    else redis.pexpire(key, LEASE_MS).catch(() => undefined);
  }, RENEW_MS);
  return renewal.unref();
}

function replay({ status, type, payload }: Answer, reply: FastifyReply): FastifyReply {
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
