import { randomBytes } from 'node:crypto';
import { type App, type Logger, problems, Type } from '@tandem/common';
import type { Account, Accounts } from './accounts.ts';
import type { LoginLimits } from './login-limits.ts';
import type { Passwords } from './passwords.ts';
import { emailTaken, sessionEnded, wrongCredentials, wrongPassword } from './problems.ts';
import {
  Credentials,
  GuestSignedIn,
  Me,
  NewGuest,
  PasswordChange,
  Registration,
  SignedIn,
} from './schemas.ts';
import type { OpenedSession, Sessions } from './sessions.ts';
import type { IssuedTokens } from './tokens.ts';

export interface AccountRoutes {
  accounts: Accounts;
  sessions: Sessions;
  passwords: Passwords;
  limits: LoginLimits;
  tokensOf: (session: OpenedSession) => Promise<IssuedTokens>;
  log: Logger;
}

/** How one comes by an account, or without one, and gets in. */
export function addAccountRoutes(app: App, parts: AccountRoutes): void {
  const { accounts, sessions, passwords, limits, tokensOf, log } = parts;

  async function signIn(account: Account, agent: string | undefined) {
    const session = await sessions.open({ userId: account.id, guestName: null }, agentOf(agent));
    return { ...(await tokensOf(session)), user: meOf(account) };
  }

  async function requireAccount(user: { id: string; sessionId: string }): Promise<Account> {
    const [open, account] = await Promise.all([sessions.isOpen(user.sessionId), accounts.find(user.id)]);
    if (!open || account === null) throw sessionEnded();
    return account;
  }

  app.post(
    '/api/auth/register',
    {
      config: { access: 'public', problems: [emailTaken, problems.tooManyRequests] },
      schema: { summary: 'Open an account and log in', body: Registration, response: { 201: SignedIn } },
    },
    async ({ body, ip, headers }, reply) => {
      await limits.registration(ip);
      const { email, name, password } = body;
      const passwordHash = await passwords.hash(password);
      const account = await accounts.create({ email, name, passwordHash });
      log.info({ account: account.id }, 'account opened');
      return reply.code(201).send(await signIn(account, headers['user-agent']));
    },
  );

  app.post(
    '/api/auth/login',
    {
      config: { access: 'public', problems: [wrongCredentials, problems.tooManyRequests] },
      schema: { summary: 'Log in', body: Credentials, response: { 200: SignedIn } },
    },
    async ({ body, ip, headers }) => {
      const { email, password } = body;
      const attempt = await limits.login(email, ip);
      const account = await accounts.findByEmail(email);
      const { right, outdated } = await passwords.verify(password, account?.passwordHash ?? null);
      if (account === null || !right) throw wrongCredentials();
      await attempt.succeeded();
      if (outdated) await accounts.setPassword(account.id, await passwords.hash(password));
      return signIn(account, headers['user-agent']);
    },
  );

  app.post(
    '/api/auth/guests',
    {
      config: { access: 'public', problems: [problems.tooManyRequests] },
      schema: {
        summary: 'Come in as a guest',
        description:
          'For somebody without an account who was given a link: a name, and tokens that open what guests may do.',
        body: NewGuest,
        response: { 201: GuestSignedIn },
      },
    },
    async ({ body, ip, headers }, reply) => {
      await limits.guest(ip);
      const user = { id: randomBytes(16).toString('base64url'), name: body.name };
      const holder = { userId: user.id, guestName: user.name };
      const session = await sessions.open(holder, agentOf(headers['user-agent']));
      return reply.code(201).send({ ...(await tokensOf(session)), user });
    },
  );

  app.get(
    '/api/auth/me',
    { config: { problems: [sessionEnded] }, schema: { summary: 'Who I am', response: { 200: Me } } },
    async ({ user }) => meOf(await requireAccount(user)),
  );

  app.put(
    '/api/auth/me/password',
    {
      config: { problems: [sessionEnded, wrongPassword, problems.tooManyRequests] },
      schema: {
        summary: 'Change my password',
        description: 'Ends all my other sessions. Wrong passwords count like failed log-ins.',
        body: PasswordChange,
        response: { 204: Type.Null() },
      },
    },
    async ({ user, body, ip }, reply) => {
      const account = await requireAccount(user);
      const attempt = await limits.login(account.email, ip);
      const { right } = await passwords.verify(body.password, account.passwordHash);
      if (!right) throw wrongPassword();
      await attempt.succeeded();
      await accounts.setPassword(account.id, await passwords.hash(body.newPassword));
      await sessions.closeAll(account.id, user.sessionId);
      log.info({ account: account.id }, 'password changed');
      return reply.code(204).send(null);
    },
  );
}

/** Printable and short: it is shown to the owner of the account, and anybody can write anything there. */
function agentOf(userAgent: string | undefined): string {
  return (userAgent ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 200);
}

function meOf({ id, email, name, createdAt }: Account) {
  return { id, email, name, createdAt };
}
