import { addJwks, createSigningKeys, defineService, SecretText, Type } from '@tandem/common';
import { addAccountRoutes } from './account-routes.ts';
import { createAccounts } from './accounts.ts';
import { userRegistered } from './events.ts';
import { createLoginLimits } from './login-limits.ts';
import { createPasswords } from './passwords.ts';
import { addSessionRoutes } from './session-routes.ts';
import { createSessions } from './sessions.ts';
import { createTokens } from './tokens.ts';

const NAME = 'auth';

export const auth = defineService({
  name: NAME,
  description: 'Accounts, log-in and the tokens that every other service believes.',
  redis: true,
  publishes: [userRegistered],
  config: {
    jwtPrivateKey: SecretText({ description: 'RSA private keys, PEM, the newest first; all are published' }),
    registrationsPerHour: Type.Integer({
      minimum: 1,
      default: 20,
      description: 'Accounts that may be opened from one network within an hour',
    }),
    guestsPerHour: Type.Integer({
      minimum: 1,
      default: 200,
      description: 'Guests from one network within an hour; a class behind one address has to fit in',
    }),
  },
  tokenKeys: ({ jwtPrivateKey }) => createSigningKeys(jwtPrivateKey),
  routes(app, { config, redis, change, log }) {
    const keys = createSigningKeys(config.jwtPrivateKey);
    const tokensOf = createTokens(NAME, keys, redis);
    const accounts = createAccounts(redis, change);
    const sessions = createSessions(redis, log);
    const passwords = createPasswords();
    const limits = createLoginLimits(redis, config);

    app.addHook('onSend', (_request, reply, _payload, done) => {
      // Tokens must not stay in any cache; the public keys say for themselves how long they may.
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      done();
    });
    addAccountRoutes(app, { accounts, sessions, passwords, limits, tokensOf, log });
    addSessionRoutes(app, sessions, tokensOf);
    addJwks(app, NAME, keys);
  },
});
