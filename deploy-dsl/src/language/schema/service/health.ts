import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, duration } from '../values.ts';
import { Route } from './route.ts';

export const Health = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        ...Route.properties.path,
        title: 'a path',
        description: 'Answers 200 when the instance can take requests.',
        default: builtin.health.path,
        examples: ['/healthz/ready'],
      }),
    ),
    live: Type.Optional(
      Type.Union(
        [
          Type.String({ ...Route.properties.path, title: 'a path', examples: ['/healthz/live'] }),
          Type.Literal(false, { title: 'false' }),
        ],
        {
          title: 'a path, or false',
          description:
            'Answers 200 as long as the process works, ready or not. An instance that leaves it unanswered for 15 ' +
            'seconds hangs, and is restarted. Left out or false: only a process that ends is started again.',
          examples: ['/healthz/live'],
        },
      ),
    ),
    interval: Type.Optional(
      duration(
        'Time between two checks of whether it is ready; Consul allows 1s and more.',
        builtin.health.interval,
      ),
    ),
    timeout: Type.Optional(duration('A check that takes longer has failed.', builtin.health.timeout)),
  },
  { ...closed, title: 'a map with the settings of the health check' },
);
