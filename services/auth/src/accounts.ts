import { randomBytes } from 'node:crypto';
import type { Change, Redis } from '@tandem/common';
import { userRegistered } from './events.ts';
import { emailTaken } from './problems.ts';

export interface Account {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  createdAt: string;
}

export interface Accounts {
  /** Tells the other services by `user.registered`. @throws Problem email-taken */
  create(account: { email: string; name: string; passwordHash: string }): Promise<Account>;
  findByEmail(email: string): Promise<Account | null>;
  find(id: string): Promise<Account | null>;
  /** Nothing happens if there is no such account. */
  setPassword(id: string, passwordHash: string): Promise<void>;
}

/** Takes the address and writes the account in one step, so that two registrations cannot both succeed. */
const CREATE = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX') then return 0 end
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
publish()
return 1
`;

/** Of an account that is there; one that was removed in the same moment must not come back as a fragment. */
const SET_PASSWORD = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'passwordHash', ARGV[1]) end
return 1
`;

/** Accounts in the service's Redis; README.md has the keys. */
export function createAccounts(redis: Redis, change: Change): Accounts {
  async function find(id: string): Promise<Account | null> {
    const fields = await redis.hgetall(accountKey(id));
    const { email, name, passwordHash, createdAt } = fields;
    const complete =
      email !== undefined && name !== undefined && passwordHash !== undefined && createdAt !== undefined;
    return complete ? { id, email, name, passwordHash, createdAt } : null;
  }

  return {
    find,
    async create({ email, name, passwordHash }) {
      const id = randomBytes(16).toString('base64url');
      const createdAt = new Date().toISOString();
      const address = normalizeEmail(email);
      const fields = Object.entries({ email: address, name, passwordHash, createdAt }).flat();
      const created = await change({
        script: CREATE,
        keys: [emailKey(address), accountKey(id)],
        args: [id, ...fields],
        publish: [userRegistered({ id, email: address, name, registeredAt: createdAt })],
      });
      if (created !== 1) throw emailTaken();
      return { id, email: address, name, passwordHash, createdAt };
    },
    async findByEmail(email) {
      const id = await redis.get(emailKey(normalizeEmail(email)));
      return id === null ? null : find(id);
    },
    async setPassword(id, passwordHash) {
      await redis.eval(SET_PASSWORD, 1, accountKey(id), passwordHash);
    },
  };
}

/** Upper case makes no other mailbox at any provider people use. */
export function normalizeEmail(email: string): string {
  return email.normalize('NFKC').toLowerCase();
}

const emailKey = (email: string) => `email:${email}`;
const accountKey = (id: string) => `account:${id}`;
