import { createHash } from 'node:crypto';
import { type Attempt, networkOf, type Redis, type ThrottleRule, takeAttempt } from '@tandem/common';
import { normalizeEmail } from './accounts.ts';

const QUARTER_HOUR_S = 15 * 60;
const HOUR_S = 60 * 60;

/** One person, or one attacker, on one account. */
const failuresOfAccountFromNetwork: ThrottleRule = { name: 'login-pair', limit: 10, windowS: QUARTER_HOUR_S };

/** Many machines on one account. It does not hold for networks from which the owner has logged in before. */
const failuresOfAccount: ThrottleRule = { name: 'login-account', limit: 100, windowS: QUARTER_HOUR_S };

/** One machine on many accounts. An office behind one address fits in: only failures count. */
const failuresFromNetwork: ThrottleRule = { name: 'login-network', limit: 50, windowS: QUARTER_HOUR_S };

/** A network from which nobody logged in to the account for this long is a strange one again. */
const KNOWN_S = 90 * 24 * 60 * 60;

/** What one network may do within an hour. */
export interface HourlyLimits {
  /** Registering tells whether an address has an account, so nobody may ask often. */
  registrationsPerHour: number;
  guestsPerHour: number;
}

export interface LoginLimits {
  /** @throws Problem too-many-requests */
  login(email: string, address: string): Promise<LoginAttempt>;
  /** @throws Problem too-many-requests */
  registration(address: string): Promise<void>;
  /** @throws Problem too-many-requests */
  guest(address: string): Promise<void>;
}

export interface LoginAttempt {
  /** The password was right: the attempt does not count, and the network is the owner's. */
  succeeded(): Promise<void>;
}

/**
 * Who may try how often; `address` is the caller's IP address. An attacker with many machines can use up the limit of
 * an account, but cannot lock its owner out: at home and at work, where the owner has logged in before, that limit is not
 * asked.
 */
export function createLoginLimits(
  redis: Redis,
  { registrationsPerHour, guestsPerHour }: HourlyLimits,
): LoginLimits {
  const registrationsFromNetwork: ThrottleRule = {
    name: 'register-network',
    limit: registrationsPerHour,
    windowS: HOUR_S,
  };
  const guestsFromNetwork: ThrottleRule = { name: 'guest-network', limit: guestsPerHour, windowS: HOUR_S };
  return {
    async login(email, address) {
      const account = normalizeEmail(email);
      const network = networkOf(address);
      const known = knownKey(account, network);
      const isKnown = (await redis.exists(known)) === 1;
      const attempt: Attempt = await takeAttempt(redis, [
        [failuresFromNetwork, network],
        [failuresOfAccountFromNetwork, `${account} ${network}`],
        ...(isKnown ? [] : [[failuresOfAccount, account] satisfies [ThrottleRule, string]]),
      ]);
      return {
        async succeeded() {
          await Promise.all([attempt.forgive(), redis.set(known, 1, 'EX', KNOWN_S)]);
        },
      };
    },
    async registration(address) {
      await takeAttempt(redis, [[registrationsFromNetwork, networkOf(address)]]);
    },
    async guest(address) {
      await takeAttempt(redis, [[guestsFromNetwork, networkOf(address)]]);
    },
  };
}

/** A digest: who logs in from where is nobody's business. */
function knownKey(account: string, network: string): string {
  const digest = createHash('sha256').update(`${account} ${network}`).digest('base64url');
  return `known-network:${digest.slice(0, 22)}`;
}
