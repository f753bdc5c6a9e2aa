import { type Instance, type Redis, Type } from '@tandem/common';
import { Check } from 'typebox/value';
import { type Candidate, chooseServer } from './choose-server.ts';

/** What a media server says of itself, as far as it is read. */
const Load = Type.Object({
  cloud: Type.String(),
  workers: Type.Integer(),
  streams: Type.Integer(),
  draining: Type.Boolean(),
});

/** Whoever does not answer by then is taken only where nobody else is there, in ms. */
const ANSWER_MS = 1_000;

/** An answer is taken as true for so long, in ms; joins since then are counted in Redis. */
const FRESH_MS = 1_000;

/** In s. */
const RECENT_S = 5;
const LOST_S = 60;

/** The media servers there are, what they carry, and which of them a room is best placed on. */
export class MediaServers {
  readonly #redis: Redis;
  readonly #instances: () => Promise<readonly Instance[]>;
  readonly #cloud: string;
  readonly #answers = new Map<string, { at: number; load: Promise<Answer | null> }>();

  /**
   * @param instances those that Consul knows
   * @param cloud where this instance is, and the people who are connected to it
   */
  constructor(redis: Redis, instances: () => Promise<readonly Instance[]>, cloud: string) {
    this.#redis = redis;
    this.#instances = instances;
    this.#cloud = cloud;
  }

  /** @param without those that are not taken; @returns null where there is none. @throws UnavailableError */
  async choose(...without: readonly string[]): Promise<Instance | null> {
    const known = await this.#instances();
    const others = known.filter(({ id, passing }) => passing && !without.includes(id));
    if (others.length === 0) return null;
    const keys = others.flatMap(({ id }) => [joinsKey(id), lostKey(id)]);
    const [loads, counters] = await Promise.all([
      Promise.all(others.map((instance) => this.#ask(instance))),
      this.#redis.mget(keys),
    ]);
    const candidates = others.flatMap(({ id }, i): Candidate[] => {
      const load = loads[i] ?? null;
      if (load === null) return [];
      const [joins, lost] = [counters[2 * i], counters[2 * i + 1]];
      return [{ id, ...load, recentJoins: Number(joins ?? 0), wasLost: (lost ?? null) !== null }];
    });
    const chosen = chooseServer(candidates, this.#cloud);
    if (chosen !== null) return others.find(({ id }) => id === chosen.id) ?? null;
    // Too busy to say anything of itself, but alive as far as Consul knows: better than no call at all.
    return others.find((_, i) => loads[i] === null) ?? null;
  }

  /** Somebody enters there: before it shows in what the server says, many others may want to. */
  async noteJoin(id: string): Promise<void> {
    await this.#redis.multi().incr(joinsKey(id)).expire(joinsKey(id), RECENT_S, 'NX').exec();
  }

  /** It went away while it carried calls: for a while others are preferred. */
  async noteLost(id: string): Promise<void> {
    this.#answers.delete(id);
    await this.#redis.set(lostKey(id), 1, 'EX', LOST_S);
  }

  /** False where Consul knows that an instance has gone. */
  async isThere(id: string): Promise<boolean> {
    const known = await this.#instances().catch(() => null);
    return known === null || known.some((instance) => instance.id === id);
  }

  #ask({ id, host, port }: Instance): Promise<Answer | null> {
    const now = performance.now();
    const known = this.#answers.get(id);
    if (known !== undefined && now - known.at < FRESH_MS) return known.load;
    for (const [each, { at }] of this.#answers) if (now - at >= FRESH_MS) this.#answers.delete(each);
    const load = askLoad(host, port);
    this.#answers.set(id, { at: now, load });
    void load.then((answer) => {
      if (answer === null) this.#answers.delete(id);
    });
    return load;
  }
}

type Answer = Pick<Candidate, 'cloud' | 'workers' | 'streams' | 'draining'>;

/** @returns null for whoever does not answer, or not as it should */
async function askLoad(host: string, port: number): Promise<Answer | null> {
  try {
    const response = await fetch(`http://${host}:${port}/internal/load`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const load: unknown = await response.json();
    return response.ok && Check(Load, load) ? load : null;
  } catch {
    return null;
  }
}

const joinsKey = (id: string) => `media:${id}:joins`;
const lostKey = (id: string) => `media:${id}:lost`;
