import { type Redis, UnavailableError } from '@tandem/common';
import type { State } from './schemas.ts';

/** Whoever says nothing for so long is gone: two words can get lost, and a phone's timers be late. */
export const LASTS_S = 75;

/** Of one user; the pages that said least recently that they are there give way to more of them. */
const MOST_PAGES = 20;

/**
 * Who is there, in the service's Redis. Every page of a user is a member of the user's two sets, scored with the end of its
 * word, in ms since 1970: it ends by itself, on whichever instance it was said. Commands throw UnavailableError while Redis is away.
 */
export class PresenceStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async say(user: string, page: string, state: State): Promise<void> {
    const now = Date.now();
    const end = now + LASTS_S * 1_000;
    const change = this.#redis.multi();
    const isIn = { here: true, 'in-call': state === 'in-call' };
    for (const each of states) {
      const key = keyOf(user, each);
      if (isIn[each]) change.zadd(key, end, page).expire(key, LASTS_S);
      else change.zrem(key, page);
      change.zremrangebyscore(key, '-inf', now).zremrangebyrank(key, 0, -MOST_PAGES - 1);
    }
    resultsOf(await change.exec());
  }

  async leave(user: string, page: string): Promise<void> {
    const change = this.#redis.multi();
    for (const state of states) change.zrem(keyOf(user, state), page);
    resultsOf(await change.exec());
  }

  /** @returns those of the users who are there */
  async find(users: readonly string[]): Promise<{ user: string; state: State }[]> {
    const now = Date.now();
    const asked = this.#redis.pipeline();
    for (const user of users) {
      for (const state of states) asked.zcount(keyOf(user, state), `(${now}`, '+inf');
    }
    const counts = resultsOf(await asked.exec());
    return users.flatMap((user, index) => {
      const state = states.find((_, i) => Number(counts[index * states.length + i]) > 0);
      return state === undefined ? [] : [{ user, state }];
    });
  }
}

/** The strongest first: a page in a call is here as well. */
const states = ['in-call', 'here'] as const;

const keyOf = (user: string, state: State) => `${state}:${user}`;

function resultsOf(replies: [Error | null, unknown][] | null): unknown[] {
  if (replies === null) throw new UnavailableError('redis', 'it gave up a transaction');
  return replies.map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}
