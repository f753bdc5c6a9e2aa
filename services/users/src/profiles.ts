import { type Change, problems, type Redis } from '@tandem/common';
import type { Image } from './avatar.ts';
import { userRenamed } from './events.ts';
import { userNotFound } from './problems.ts';

export interface Profile {
  id: string;
  name: string;
  /** `#rrggbb`; null for the one that the id gives. */
  color: string | null;
  /** BCP 47; null for that of the browser. */
  language: string | null;
  /** IANA; null for that of the browser. */
  timeZone: string | null;
  hasImage: boolean;
  createdAt: string;
  /** Grows with every change. */
  version: number;
}

export type ProfileUpdate = Partial<Pick<Profile, 'name' | 'color' | 'language' | 'timeZone'>>;

export interface NewProfile {
  id: string;
  name: string;
  createdAt: string;
}

export interface Profiles {
  /** Nothing happens if it is there already. `step` is that of a handler, where an event is the reason. */
  create(profile: NewProfile, step?: Change): Promise<void>;
  find(id: string): Promise<Profile | null>;
  /** Those that there are, in the order of the ids. */
  findAll(ids: readonly string[]): Promise<Profile[]>;
  /**
   * Tells the other services of a new name by `user.renamed`.
   *
   * @param expected only if the profile has this version; null for any
   * @throws Problem user-not-found or precondition-failed
   */
  update(id: string, changes: ProfileUpdate, expected: number | null): Promise<void>;
  /** Null takes the image away. @throws Problem user-not-found */
  setImage(id: string, image: Image | null): Promise<void>;
  findImage(id: string): Promise<Image | null>;
}

/** KEYS: profile. ARGV: fields. */
const CREATE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'there' end
redis.call('HSET', KEYS[1], 'version', 1, unpack(ARGV))
return 'created'
`;

/** KEYS: profile. ARGV: version that it must have or '', new name or '', fields. An empty field has no value. */
const UPDATE = `
local present = redis.call('HMGET', KEYS[1], 'version', 'name')
if not present[1] then return 'missing' end
if ARGV[1] ~= '' and ARGV[1] ~= present[1] then return 'stale' end
redis.call('HINCRBY', KEYS[1], 'version', 1)
if #ARGV > 2 then redis.call('HSET', KEYS[1], unpack(ARGV, 3)) end
if ARGV[2] ~= '' and ARGV[2] ~= present[2] then publish() end
return 'updated'
`;

/** KEYS: profile, image. ARGV: type and bytes; none to take it away. */
const SET_IMAGE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 'missing' end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'image', #ARGV > 0 and '1' or '')
redis.call('DEL', KEYS[2])
if #ARGV > 0 then redis.call('HSET', KEYS[2], 'type', ARGV[1], 'bytes', ARGV[2]) end
return 'updated'
`;

/** Profiles in the service's Redis; README.md has the keys. */
export function createProfiles(redis: Redis, change: Change): Profiles {
  async function find(id: string): Promise<Profile | null> {
    const fields = await redis.hgetall(profileKey(id));
    const { name, color, language, timeZone, image, createdAt, version } = fields;
    if (name === undefined || createdAt === undefined || version === undefined) return null;
    return {
      id,
      name,
      color: color || null,
      language: language || null,
      timeZone: timeZone || null,
      hasImage: image === '1',
      createdAt,
      version: Number(version),
    };
  }

  return {
    find,
    async create({ id, name, createdAt }, step = change) {
      await step({ script: CREATE, keys: [profileKey(id)], args: ['name', name, 'createdAt', createdAt] });
    },
    async findAll(ids) {
      const found = await Promise.all(ids.map(find));
      return found.filter((profile) => profile !== null);
    },
    async update(id, changes, expected) {
      const { name } = changes;
      const fields = Object.entries(changes).flatMap(([field, value]) => [field, value ?? '']);
      const outcome = await change({
        script: UPDATE,
        keys: [profileKey(id)],
        args: [expected ?? '', name ?? '', ...fields],
        ...(name === undefined ? {} : { publish: [userRenamed({ id, name })] }),
      });
      if (outcome === 'missing') throw userNotFound();
      if (outcome === 'stale') throw problems.preconditionFailed();
    },
    async setImage(id, image) {
      const args = image === null ? [] : [image.type, image.bytes];
      const outcome = await change({ script: SET_IMAGE, keys: [profileKey(id), imageKey(id)], args });
      if (outcome === 'missing') throw userNotFound();
    },
    async findImage(id) {
      const [type, bytes] = await redis.hmgetBuffer(imageKey(id), 'type', 'bytes');
      if (type === undefined || type === null || bytes === undefined || bytes === null) return null;
      return { type: type.toString(), bytes };
    },
  };
}

const profileKey = (id: string) => `profile:${id}`;
const imageKey = (id: string) => `image:${id}`;
