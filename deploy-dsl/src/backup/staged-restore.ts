import type { Redis } from 'ioredis';
import { TandemError } from '../language/diagnostic.ts';
import {
  backupDamaged,
  backupForeign,
  redisAway,
  restoreIncomplete,
  restoreNoRoom,
} from '../language/errors/backup.ts';
import { copyKeys } from './copy-keys.ts';
import { type Place, withRedis } from './live-redis.ts';
import type { BackupPart } from './manifest.ts';
import { RdbFailed } from './rdb-file.ts';
import type { RedisTools } from './redis-tools.ts';
import { withScratchRedis } from './scratch-redis.ts';

/**
 * A service's data is in database 0. The data of a backup is loaded into another one beside it and takes its place in one
 * step, so that whatever is killed, and whenever, database 0 holds the old data or the new. What is going on is written
 * down in a third one, by the same step.
 */
const stagingDb = 1;
const journalDb = 2;
const journalKey = 'tandem:restore';

/** A restore that has begun and not ended. */
export interface UnfinishedRestore {
  /** SHA-256 of the file. */
  sha256: string;
  /** ISO 8601. */
  since: string;
  /** The new data is in its place. */
  inPlace: boolean;
  /** The restore has stopped the service. */
  stopped: boolean;
}

/** What a Redis holds, before anything is done to it. */
export interface Present {
  keys: number;
  /** Version of Redis. */
  redis: string;
  unfinished: UnfinishedRestore | null;
}

export async function present(place: Place, signal: AbortSignal): Promise<Present> {
  return withRedis(place, 0, signal, async (redis) => {
    const keys = await redis.dbsize();
    const info = await redis.info('server');
    await redis.select(journalDb);
    const journal = await redis.hgetall(journalKey);
    return {
      keys,
      redis: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
      unfinished: unfinishedIn(journal),
    };
  });
}

/**
 * Loads a backup beside the data of a Redis, and counts what arrived. The service notices nothing.
 *
 * @throws TandemError when it does not take it all; the signal's reason. Its data is untouched; `cleanUp` follows
 */
export async function stage(
  place: Place,
  part: BackupPart,
  path: string,
  { tools, signal, tell }: { tools: RedisTools; signal: AbortSignal; tell: (keys: number) => void },
): Promise<void> {
  const loading = withScratchRedis(path, tools, signal, (scratch) =>
    withRedis(place, stagingDb, signal, async (redis) => {
      await redis.flushdb('SYNC');
      await begin(redis, part);
      const { keys, expiring } = await copyKeys(scratch, redis, signal, tell);
      const found = await redis.dbsize();
      if (found > keys || found < keys - expiring) {
        throw new TandemError([restoreIncomplete(place.service, place.cloud.name, keys, found)]);
      }
    }),
  );
  await loading.catch((error: unknown) => {
    throw explained(error, place, path);
  });
}

/** Writes down that the service is stopped for the restore. */
export async function noteStopped(place: Place): Promise<void> {
  await withRedis(place, journalDb, never, async (redis) => {
    await redis.hdel(journalKey, 'running');
  });
}

/** A script, because a Redis that is full takes no transaction. KEYS: journal. ARGV: staging database. */
const swapScript = `#!lua flags=allow-oom
redis.call('SWAPDB', 0, ARGV[1])
redis.call('HDEL', KEYS[1], 'waiting')
`;

/** Puts the staged data in the place of the present one: one step, which is done or not. */
export async function swap(place: Place): Promise<void> {
  await withRedis(place, journalDb, never, async (redis) => {
    await redis.eval(swapScript, 1, journalKey, stagingDb);
  });
}

/** Removes what a restore needed: the data that is not in place, and the journal. */
export async function cleanUp(place: Place): Promise<void> {
  await withRedis(place, stagingDb, never, async (redis) => {
    await redis.flushdb('SYNC');
    await redis.select(journalDb);
    await redis.del(journalKey);
  });
}

/** Steps that are short and must not be left half way. */
const never = new AbortController().signal;

/**
 * Writes the journal, on a connection that is in the staging database. Its fields go one by one as the restore proceeds: a
 * Redis that is full deletes, but takes nothing more. Who has stopped the service stays in it.
 */
async function begin(redis: Redis, { sha256 }: BackupPart): Promise<void> {
  await redis.select(journalDb);
  const former = await redis.hgetall(journalKey);
  const running = isJournal(former) && former.running === undefined ? {} : { running: '1' };
  await redis.hset(journalKey, { sha256, since: new Date().toISOString(), waiting: '1', ...running });
  await redis.select(stagingDb);
}

function unfinishedIn(journal: Record<string, string>): UnfinishedRestore | null {
  const { sha256 = '', since = '', waiting, running } = journal;
  if (!isJournal(journal)) return null;
  return { sha256, since, inPlace: waiting === undefined, stopped: running === undefined };
}

function isJournal(fields: Record<string, string>): boolean {
  return fields.sha256 !== undefined;
}

/** What a Redis says in its own words, as far as it is known what to do. */
function explained(error: unknown, { service, cloud }: Place, path: string): unknown {
  if (error instanceof RdbFailed) return new TandemError([backupDamaged(path, error.message, error.output)]);
  if (!(error instanceof Error) || error.name !== 'ReplyError') return error;
  if (/^OOM\b/.test(error.message)) return new TandemError([restoreNoRoom(service, cloud.name)]);
  if (/DUMP payload version/.test(error.message)) {
    const reason = `the redis-server of this machine is of a later version than that of "${service}"`;
    return new TandemError([backupForeign(path, reason)]);
  }
  return new TandemError([redisAway(service, cloud.name, error.message)]);
}
