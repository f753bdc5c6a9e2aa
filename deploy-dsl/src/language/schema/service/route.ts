import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { bodySize, closed, duration, rateLimit } from '../values.ts';

export const Route = Type.Object(
  {
    path: Type.String({
      title: 'a path prefix',
      description:
        'Path prefix, matched on whole segments: `/api/rooms` takes `/api/rooms` and `/api/rooms/42`, not ' +
        '`/api/roomservice`. Passed on to the service unchanged. The longest prefix of all services wins.',
      pattern: '^/((?!\\.\\.?(/|$))[A-Za-z0-9._~-]+(/(?!\\.\\.?(/|$))[A-Za-z0-9._~-]+)*)?$',
      maxLength: 200,
      examples: ['/api/rooms', '/'],
    }),
    websocket: Type.Optional(
      Type.Boolean({
        title: 'true or false',
        description: `Whether clients open WebSockets here. Sets a time-out of ${builtin.route.websocketTimeout} unless another is given.`,
        default: builtin.route.websocket,
      }),
    ),
    body: Type.Optional(
      bodySize('Largest request body; a larger one is answered with 413 by the edge.', builtin.route.body),
    ),
    timeout: Type.Optional(
      duration(
        'How long the edge waits for the service between two reads; in a WebSocket, for the next message of either side.',
        builtin.route.timeout,
      ),
    ),
    limit: Type.Optional(
      rateLimit(
        'How many requests a client may send, counted by its address or by the bearer of the token (`per user`; falls ' +
          'back to the address). Left out: only the limit of the edge holds. Beyond it the edge answers 429.',
      ),
    ),
  },
  { ...closed, title: 'a route' },
);

export const RouteOrPath = Type.Union([Route.properties.path, Route], {
  title: 'a path or a map with `path`',
});
