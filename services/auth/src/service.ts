import { addJwks, createSigningKeys, defineService, SecretText } from '@tandem/common';
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
  },
  tokenKeys: ({ jwtPrivateKey }) => createSigningKeys(jwtPrivateKey),
  routes(app, { config, redis, change, log }) {
    const keys = createSigningKeys(config.jwtPrivateKey);
    const tokensOf = createTokens(NAME, keys, redis);
    const accounts = createAccounts(redis, change);
    const sessions = createSessions(redis, log);
    const passwords = createPasswords();
    const limits = createLoginLimits(redis);

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
