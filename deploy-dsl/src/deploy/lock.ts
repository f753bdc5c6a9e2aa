import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { isNotFound } from '../cluster/cluster-error.ts';
import type { Consul, KeyValue } from '../cluster/consul.ts';
import type { Target } from '../cluster/target.ts';
import { TandemError } from '../language/diagnostic.ts';
import { deployLocked, lockLost } from '../language/errors/deploy.ts';

const Holder = Type.Object({
  who: Type.String(),
  /** `deploy`, `rollback to 7` */
  doing: Type.String(),
  /** ISO 8601 */
  since: Type.String(),
  pid: Type.Integer(),
  /** The machine and its space of process ids. */
  host: Type.String(),
});
/** Who is deploying. */
export type Holder = Type.Static<typeof Holder>;

/** Consul lets a session live up to twice as long after its last renewal; 10 s is the least. */
const ttlSeconds = 10;

interface Held {
  consul: Consul;
  session: string;
}

/**
 * One deploy at a time in an environment: a key in Consul of every cloud, held by a session that its process renews. The
 * lock of a process that died goes by itself within 20 s; on the machine where it ran, at once.
 */
export class Lock {
  readonly #key: string;
  readonly #held: Held[];
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  private constructor(key: string, held: Held[], holder: Holder) {
    this.#key = key;
    this.#held = held;
    let renewed = Date.now();
    this.#timer = setInterval(
      () => {
        Promise.all(held.map(({ consul, session }) => consul.renewSession(session))).then(
          () => {
            renewed = Date.now();
          },
          (error: unknown) => {
            // A cluster that does not answer for a moment does not end the session; its absence does.
            const expired = Date.now() - renewed > ttlSeconds * 1000;
            if (isNotFound(error) || expired) this.#lost.abort(new TandemError([lockLost(holder.since)]));
          },
        );
      },
      (ttlSeconds * 1000) / 3,
    );
    this.#timer.unref();
  }

  /** Aborted when the lock was lost: the deploy must stop then. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * @param force takes the lock from whoever holds it; that deploy notices and stops
   * @throws TandemError that names the holder
   */
  static async acquire(target: Target, holder: { who: string; doing: string }, force = false): Promise<Lock> {
    const key = lockKey(target.environment);
    const me: Holder = { ...holder, since: new Date().toISOString(), pid: process.pid, host: thisHost() };
    const held: Held[] = [];
    try {
      for (const { consul } of target.clouds) {
        const session = await consul.createSession({ name: `tandem ${me.doing} by ${me.who}`, ttlSeconds });
        held.push({ consul, session });
        await take(consul, key, session, me, force);
      }
    } catch (error) {
      await letGo(key, held);
      throw error;
    }
    return new Lock(key, held, me);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await letGo(this.#key, this.#held);
  }
}

/** Who deploys in this environment now; null when nobody does. */
export async function lockHolder(target: Target): Promise<Holder | null> {
  for (const { consul } of target.clouds) {
    const key = await consul.get(lockKey(target.environment));
    const holder = key === null ? null : holderOf(key);
    if (holder !== null && !isDead(holder)) return holder;
  }
  return null;
}

async function take(consul: Consul, key: string, session: string, me: Holder, force: boolean): Promise<void> {
  const acquire = () => consul.put(key, JSON.stringify(me), { acquire: session });
  if (await acquire()) return;
  const current = await consul.get(key);
  const holder = current === null ? null : holderOf(current);
  if (current?.Session !== undefined && (force || (holder !== null && isDead(holder)))) {
    await consul.destroySession(current.Session);
  }
  // Where there was no holder, it has let go between the two requests.
  if (await acquire()) return;
  throw new TandemError([deployLocked(holder)]);
}

/** What is gone already needs no release; a cluster that is away lets the session expire. */
async function letGo(key: string, held: readonly Held[]): Promise<void> {
  await Promise.allSettled(
    held.map(async ({ consul, session }) => {
      await consul.put(key, '', { release: session });
      await consul.destroySession(session);
    }),
  );
}

function lockKey(environment: string): string {
  return `tandem/lock/${environment}`;
}

function holderOf(key: KeyValue): Holder | null {
  if (key.Session === undefined) return null;
  const value: unknown = JSON.parse(key.Value || 'null');
  return Value.Check(Holder, value) ? value : null;
}

/** Its process ran on this machine, and is no more. */
function isDead(holder: Holder): boolean {
  if (holder.host !== thisHost()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Containers may share a host name: process ids only mean the same in the same namespace. */
function thisHost(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
