import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from '../redis/redis.ts';
import { runScript } from '../redis/run-script.ts';
import { DONE_KEEP_S } from './change.ts';
import { aliveKey, claimKey, doneKey } from './keys.ts';

/** What a service knows of the messages it got: who handles them, and which are done. */
export interface Inbox {
  /**
   * Claims a message for this instance. Waits while another one that is alive handles it.
   * @throws UnavailableError; the reason of the signal
   */
  claim(messageId: string, signal: AbortSignal): Promise<'ours' | 'done'>;
  /** It was handled: writes that down. @throws UnavailableError */
  finish(messageId: string): Promise<void>;
  /** It was handled, and that is written down already. */
  forget(messageId: string): void;
  /** It was not handled, and somebody may try again. */
  release(messageId: string): Promise<void>;
  close(): void;
}

/** An instance whose sign of life is older than this is dead, and its messages are another one's. */
const ALIVE_MS = 5_000;
const SIGN_OF_LIFE_MS = 1_500;
/** Nothing takes that long; it only cleans up. */
const CLAIM_MS = 60 * 60 * 1000;
const LOOK_AGAIN_MS = 100;

/** KEYS: handled, claim, own sign of life. ARGV: message, instance, prefix of signs of life, ms alive, ms of a claim. */
const CLAIM = `
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 'done' end
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[2] and redis.call('EXISTS', ARGV[3] .. owner) == 1 then return 'busy' end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[5])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[4])
return 'ours'
`;

/** KEYS: claim. ARGV: instance. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

export function createInbox(redis: Redis): Inbox {
  const instance = randomUUID();
  const running = new Set<string>();
  const alive = aliveKey(instance);
  const signOfLife = setInterval(() => {
    // Should it not arrive in time, another instance may handle the same message: the mark still lets only one effect in.
    if (running.size > 0) redis.set(alive, '1', 'PX', ALIVE_MS).catch(() => {});
  }, SIGN_OF_LIFE_MS);
  signOfLife.unref();

  return {
    async claim(messageId, signal) {
      while (true) {
        signal.throwIfAborted();
        // The connection was lost meanwhile and the message came back, but its handler still works here.
        if (!running.has(messageId)) {
          running.add(messageId);
          try {
            const state = await runScript(
              redis,
              CLAIM,
              [doneKey(messageId), claimKey(messageId), alive],
              [messageId, instance, aliveKey(''), ALIVE_MS, CLAIM_MS],
            );
            if (state === 'ours') return 'ours';
            running.delete(messageId);
            if (state === 'done') return 'done';
          } catch (error) {
            running.delete(messageId);
            throw error;
          }
        }
        await sleep(LOOK_AGAIN_MS, undefined, { signal });
      }
    },
    async finish(messageId) {
      const handled = doneKey(messageId);
      await redis
        .multi()
        .sadd(handled, messageId)
        .expire(handled, DONE_KEEP_S)
        .del(claimKey(messageId))
        .exec();
      running.delete(messageId);
    },
    forget(messageId) {
      running.delete(messageId);
    },
    async release(messageId) {
      running.delete(messageId);
      // Where Redis is away the claim stays, and does not stand in our own way.
      await redis.eval(RELEASE, 1, claimKey(messageId), instance).catch(() => {});
    },
    close() {
      clearInterval(signOfLife);
    },
  };
}
