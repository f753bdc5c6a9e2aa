import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  addJwks,
  createSigningKeys,
  defineService,
  issuerOf,
  networkOf,
  problems,
  SecretText,
  Type,
  takeAttempt,
} from '@tandem/common';
import { type Account, createAccounts, normalizeEmail } from './accounts.ts';
import {
  failuresFromNetwork,
  failuresOfAccount,
  failuresOfAccountFromNetwork,
  registrationsFromNetwork,
} from './login-limits.ts';
import { createPasswords } from './passwords.ts';
import { emailTaken, sessionEnded, wrongCredentials } from './problems.ts';
import { Credentials, Me, RefreshRequest, Registration, SessionState, SignedIn, Tokens } from './schemas.ts';
import { createSessions, type OpenedSession } from './sessions.ts';

const NAME = 'auth';

/** Short, because nobody can take an access token back (see README.md). */
const ACCESS_TOKEN_S = 15 * 60;

export const auth = defineService({
  name: NAME,
  description: 'Accounts, log-in and the tokens that every other service believes.',
  redis: true,
  config: {
    jwtPrivateKey: SecretText({ description: 'RSA private keys, PEM: the first signs, all are published' }),
  },
  tokenKeys: ({ jwtPrivateKey }) => createSigningKeys(jwtPrivateKey),
  routes(app, { config, redis, log }) {
    const keys = createSigningKeys(config.jwtPrivateKey);
    const accounts = createAccounts(redis);
    const sessions = createSessions(redis, log);
    const passwords = createPasswords();

    function tokensOf(session: OpenedSession) {
      const accessToken = keys.sign(
        { sid: session.id },
        {
          type: ACCESS_TOKEN_TYPE,
          issuer: issuerOf(NAME),
          audience: ACCESS_TOKEN_AUDIENCE,
          subject: session.accountId,
          lifetimeS: ACCESS_TOKEN_S,
        },
      );
      return { accessToken, expiresIn: ACCESS_TOKEN_S, refreshToken: session.refreshToken };
    }

    app.addHook('onSend', (_request, reply, _payload, done) => {
      // Tokens must not stay in any cache; the public keys say for themselves how long they may.
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      done();
    });

    app.post(
      '/api/auth/register',
      {
        config: { access: 'public', problems: [emailTaken, problems.tooManyRequests] },
        schema: {
          summary: 'Open an account and log in',
          body: Registration,
          response: { 201: SignedIn },
        },
      },
      async (request, reply) => {
        await takeAttempt(redis, [[registrationsFromNetwork, networkOf(request.ip)]]);
        const { email, name, password } = request.body;
        const passwordHash = await passwords.hash(password);
        const account = await accounts.create({ email, name, passwordHash });
        log.info({ account: account.id }, 'account opened');
        const session = await sessions.open(account.id);
        return reply.code(201).send({ ...tokensOf(session), user: meOf(account) });
      },
    );

    app.post(
      '/api/auth/login',
      {
        config: { access: 'public', problems: [wrongCredentials, problems.tooManyRequests] },
        schema: { summary: 'Log in', body: Credentials, response: { 200: SignedIn } },
      },
      async (request) => {
        const { email, password } = request.body;
        const address = normalizeEmail(email);
        const network = networkOf(request.ip);
        const attempt = await takeAttempt(redis, [
          [failuresFromNetwork, network],
          [failuresOfAccountFromNetwork, `${address} ${network}`],
          [failuresOfAccount, address],
        ]);
        const account = await accounts.findByEmail(address);
        const { right, outdated } = await passwords.verify(password, account?.passwordHash ?? null);
        if (account === null || !right) throw wrongCredentials();
        await attempt.forgive();
        if (outdated) await accounts.setPassword(account.id, await passwords.hash(password));
        const session = await sessions.open(account.id);
        return { ...tokensOf(session), user: meOf(account) };
      },
    );

    app.post(
      '/api/auth/refresh',
      {
        config: { access: 'public', problems: [sessionEnded] },
        schema: {
          summary: 'Exchange a refresh token for new tokens',
          description: 'Each refresh token works once. One that is used again later ends the session.',
          body: RefreshRequest,
          response: { 200: Tokens },
        },
      },
      async (request) => tokensOf(await sessions.refresh(request.body.refreshToken)),
    );

    app.post(
      '/api/auth/logout',
      {
        config: { access: 'public' },
        schema: {
          summary: 'End the session of a refresh token',
          body: RefreshRequest,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await sessions.close(request.body.refreshToken);
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/api/auth/me',
      { config: { problems: [sessionEnded] }, schema: { summary: 'Who I am', response: { 200: Me } } },
      async ({ user }) => {
        const [open, account] = await Promise.all([sessions.isOpen(user.sessionId), accounts.find(user.id)]);
        if (!open || account === null) throw sessionEnded();
        return meOf(account);
      },
    );

    addJwks(app, NAME, keys);

    app.get(
      '/internal/auth/session',
      {
        config: { problems: [sessionEnded] },
        schema: {
          summary: 'Whether the session of the access token still lasts',
          description:
            'For other services, where it matters that a session has ended: the token itself does not know.',
          tags: ['internal'],
          response: { 200: SessionState },
        },
      },
      async ({ user }) => {
        if (!(await sessions.isOpen(user.sessionId))) throw sessionEnded();
        return { userId: user.id, sessionId: user.sessionId };
      },
    );
  },
});

function meOf({ id, email, name, createdAt }: Account) {
  return { id, email, name, createdAt };
}
