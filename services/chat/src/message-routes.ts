import { type App, problems, type Redis, Type, takeAttempt } from '@tandem/common';
import type { ReadGrant } from './grant.ts';
import type { MessageStore } from './message-store.ts';
import { grantRefused, notPermitted, roomClosed, textRefused } from './problems.ts';
import { History, HistoryQuery, LARGEST_TEXT, Message, NewMessage, Read } from './schemas.ts';

/** Of one person; nobody types that fast for long, and nobody is to fill the memory. */
const limits = [
  { name: 'messages', limit: 30, windowS: 10 },
  { name: 'messages-of-an-hour', limit: 600, windowS: 3_600 },
];

/** What was written in the room of the grant, and how far each has read. */
export function addMessageRoutes(app: App, store: MessageStore, redis: Redis, readGrant: ReadGrant): void {
  app.post(
    '/api/chat/messages',
    {
      config: {
        access: 'public',
        problems: [grantRefused, notPermitted, roomClosed, textRefused, problems.tooManyRequests],
      },
      schema: {
        summary: 'Write to everybody in the room',
        description: 'Answers 200 with the first message where one came under the same id before.',
        body: NewMessage,
        response: { 200: Message, 201: Message },
      },
    },
    async ({ headers, body }, reply) => {
      const admission = await readGrant(headers.authorization, 'chat');
      if (body.text.trim() === '' || Buffer.byteLength(body.text) > LARGEST_TEXT) throw textRefused();
      await takeAttempt(
        redis,
        limits.map((limit) => [limit, admission.user]),
      );
      const { message, isNew } = await store.post(admission, body);
      return reply.code(isNew ? 201 : 200).send(message);
    },
  );

  app.get(
    '/api/chat/messages',
    {
      config: { access: 'public', problems: [grantRefused, notPermitted] },
      schema: {
        summary: 'What was written in the room, the last page first',
        querystring: HistoryQuery,
        response: { 200: History },
      },
    },
    async ({ headers, query }) => {
      const admission = await readGrant(headers.authorization, 'receive');
      const [page, marks] = await Promise.all([
        store.history(admission.room, query.before, query.limit),
        store.marks(admission),
      ]);
      return { ...page, ...marks };
    },
  );

  app.put(
    '/api/chat/read',
    {
      config: { access: 'public', problems: [grantRefused, notPermitted] },
      schema: {
        summary: 'Say how far one has read',
        description: 'It never goes back: of several tabs the furthest one counts.',
        body: Read,
        response: { 204: Type.Null() },
      },
    },
    async ({ headers, body }, reply) => {
      await store.mark(await readGrant(headers.authorization, 'receive'), body.upTo);
      return reply.code(204).send(null);
    },
  );
}
