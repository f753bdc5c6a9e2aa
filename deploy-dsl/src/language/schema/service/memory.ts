import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, memoryAmount } from '../values.ts';

export const Memory = Type.Object(
  {
    soft: Type.Optional(
      memoryAmount('What the scheduler reserves, in MiB or with a unit.', builtin.service.memory),
    ),
    hard: Type.Optional(memoryAmount('Where an instance is killed. Left out: equal to `soft`.')),
  },
  { ...closed, title: 'a map with `soft` and `hard`' },
);
