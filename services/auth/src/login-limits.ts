import type { ThrottleRule } from '@tandem/common';

const QUARTER_HOUR_S = 15 * 60;

/** One person, or one attacker, on one account. */
export const failuresOfAccountFromNetwork: ThrottleRule = {
  name: 'login-pair',
  limit: 10,
  windowS: QUARTER_HOUR_S,
};

/** Many machines on one account. High, because reaching it locks the owner out, too. */
export const failuresOfAccount: ThrottleRule = { name: 'login-account', limit: 100, windowS: QUARTER_HOUR_S };

/** One machine on many accounts. An office behind one address fits in: only failures count. */
export const failuresFromNetwork: ThrottleRule = {
  name: 'login-network',
  limit: 50,
  windowS: QUARTER_HOUR_S,
};

/** Registering tells whether an address has an account, so nobody may ask often. */
export const registrationsFromNetwork: ThrottleRule = {
  name: 'register-network',
  limit: 20,
  windowS: 60 * 60,
};
