import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, memoryAmount } from '../values.ts';

export const Redis = Type.Object(
  {
    persistent: Type.Optional(
      Type.Boolean({
        title: 'true or false',
        description:
          'true: one Redis per cloud in a job of its own, shared by all instances, with an append-only file. ' +
          'false: a cache beside each instance, empty after a restart and not shared.',
        default: builtin.redis.persistent,
      }),
    ),
    memory: Type.Optional(memoryAmount('Memory of the Redis, in MiB or with a unit.', builtin.redis.memory)),
    pool: Type.Optional(
      Type.Integer({
        title: 'a whole number of connections',
        description: 'Connections that each instance opens to it.',
        minimum: 1,
        maximum: 1000,
        default: builtin.redis.pool,
      }),
    ),
  },
  { ...closed, title: 'a map with the settings of the Redis' },
);
