import type { App, StreamFeeds } from '@tandem/common';
import type { ReadGrant } from './grant.ts';
import type { MessageStore } from './message-store.ts';
import { grantRefused, notAcceptable, notPermitted } from './problems.ts';
import { EventHeaders, Message } from './schemas.ts';

const TYPE = 'text/event-stream';

/** Shows each side that the other is still there. */
const HEARTBEAT_MS = 10_000;

/** In bytes: a reader that is so far behind is cut off, and reads on when it can. */
const LARGEST_BACKLOG = 1_000_000;

/** Messages as they come, as Server-Sent Events: see docs/decisions/0030-chat-by-events-of-its-own.md. */
export function addEventRoute(
  app: App,
  store: MessageStore,
  feeds: StreamFeeds<Message>,
  readGrant: ReadGrant,
): void {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });

  app.get(
    '/api/chat/events',
    {
      config: { access: 'public', problems: [grantRefused, notPermitted, notAcceptable] },
      schema: {
        summary: 'Be told what is written',
        description:
          'Each event is one message; its cursor in `id` goes into `Last-Event-ID` to read on after it; without that, ' +
          'from now on. It ends when the grant does: come back with another one.',
        headers: EventHeaders,
        response: { 200: { description: 'Messages', content: { [TYPE]: { schema: Message } } } },
      },
    },
    async (request, reply) => {
      const { headers } = request;
      const { room, expiresAtS } = await readGrant(headers.authorization, 'receive');
      if (!(headers.accept ?? '').includes(TYPE)) throw notAcceptable(`Accept: ${TYPE}`);
      const seen = headers['last-event-id'] ?? (await store.latest(room));
      reply.hijack();
      const { raw: response } = reply;
      response.writeHead(200, {
        'content-type': TYPE,
        'cache-control': 'no-store',
        // Of nginx: each message goes on at once.
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
      });
      response.flushHeaders();
      const end = () => response.end();
      const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
      const expiry = setTimeout(end, Math.max(0, expiresAtS * 1_000 - Date.now()));
      const gone = new AbortController();
      open.add(end);
      response.once('close', () => {
        clearInterval(heartbeat);
        clearTimeout(expiry);
        open.delete(end);
        gone.abort();
      });
      const give = (message: Message | null) => {
        // What is lost was written too long ago to be kept.
        if (message === null) return;
        response.write(`id: ${message.cursor}\ndata: ${JSON.stringify(message)}\n\n`);
        if (response.writableLength <= LARGEST_BACKLOG) return;
        gone.abort();
        response.destroy();
      };
      // The reader comes back, and asks again.
      await feeds.follow(room, seen, give, gone.signal).catch(end);
    },
  );
}
