import { type App, Type } from '@tandem/common';
import { sessionEnded } from './problems.ts';
import {
  RefreshRequest,
  SessionList,
  SessionParams,
  SessionState,
  SessionsQuery,
  Tokens,
} from './schemas.ts';
import type { OpenedSession, Sessions } from './sessions.ts';
import type { IssuedTokens } from './tokens.ts';

/** How a session goes on and ends. */
export function addSessionRoutes(
  app: App,
  sessions: Sessions,
  tokensOf: (session: OpenedSession) => Promise<IssuedTokens>,
): void {
  async function requireOpen(user: { sessionId: string }): Promise<void> {
    if (!(await sessions.isOpen(user.sessionId))) throw sessionEnded();
  }

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
    async ({ body }) => tokensOf(await sessions.refresh(body.refreshToken)),
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
    async ({ body }, reply) => {
      await sessions.close(body.refreshToken);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/auth/sessions',
    {
      config: { problems: [sessionEnded] },
      schema: { summary: 'Where I am logged in', response: { 200: SessionList } },
    },
    async ({ user }) => {
      await requireOpen(user);
      const found = await sessions.list(user.id);
      return { sessions: found.map((session) => ({ ...session, current: session.id === user.sessionId })) };
    },
  );

  app.delete(
    '/api/auth/sessions',
    {
      config: { problems: [sessionEnded] },
      schema: {
        summary: 'Log out everywhere, or everywhere else',
        querystring: SessionsQuery,
        response: { 204: Type.Null() },
      },
    },
    async ({ user, query }, reply) => {
      await requireOpen(user);
      await sessions.closeAll(user.id, query.others ? user.sessionId : null);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/auth/sessions/:id',
    {
      config: { problems: [sessionEnded] },
      schema: { summary: 'End one session of mine', params: SessionParams, response: { 204: Type.Null() } },
    },
    async ({ user, params }, reply) => {
      await requireOpen(user);
      await sessions.closeOwn(user.id, params.id);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/internal/auth/session',
    {
      config: { access: 'guest', problems: [sessionEnded] },
      schema: {
        summary: 'Whether the session of the access token still lasts',
        description:
          'For other services, where it matters that a session has ended: the token itself does not know.',
        tags: ['internal'],
        response: { 200: SessionState },
      },
    },
    async ({ user }) => {
      await requireOpen(user);
      return { userId: user.id, sessionId: user.sessionId };
    },
  );
}
