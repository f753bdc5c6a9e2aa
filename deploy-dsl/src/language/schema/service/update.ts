import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, duration } from '../values.ts';

export const Update = Type.Object(
  {
    canary: Type.Optional(
      Type.Union(
        [
          Type.String({ title: 'a percentage', pattern: '^[1-9]\\d?%$', examples: ['5%', '10%'] }),
          Type.Literal(false, { title: 'false' }),
        ],
        {
          title: 'a percentage, or false',
          description:
            'Share of the requests that a new version gets before it takes over; a client stays with the version it got. ' +
            'Left out or false: rolls without a canary.',
        },
      ),
    ),
    bake: Type.Optional(
      duration('How long a healthy canary must serve before it is promoted.', builtin.update.bake),
    ),
    healthy: Type.Optional(
      duration('How long an instance must be healthy before it counts.', builtin.update.healthy),
    ),
    deadline: Type.Optional(
      duration('After this long without becoming healthy, the deploy has failed.', builtin.update.deadline),
    ),
    parallel: Type.Optional(
      Type.Integer({
        title: 'a whole number of instances',
        description: 'Instances replaced at once.',
        minimum: 1,
        maximum: 1000,
        default: builtin.update.parallel,
      }),
    ),
    revert: Type.Optional(
      Type.Boolean({
        title: 'true or false',
        description: 'Whether a failed update goes back to the former version by itself.',
        default: builtin.update.revert,
      }),
    ),
    drain: Type.Optional(
      duration(
        'How long an instance that gets no new requests may finish its work before it is killed.',
        builtin.update.drain,
      ),
    ),
  },
  { ...closed, title: 'a map with the update policy' },
);
