import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { count, mapOf, name } from '../values.ts';

export const instances = Type.Union(
  [
    ...count.anyOf,
    mapOf(name('the name of a cloud', 30), count, {
      title: 'a map by cloud',
      description: 'A cloud that is not named runs none.',
    }),
  ],
  {
    title: 'a number, a range, or a map by cloud',
    description:
      'How many instances run in each cloud of the environment: `2`; `2..8` or `2..`, where the autoscaler chooses; or ' +
      'by cloud, where a cloud that is not named runs none. A map that names no cloud of the environment is skipped: ' +
      'the next weaker layer holds.',
    default: builtin.service.instances,
    examples: [2, '2..8', '2..', { aws: '2..8', gcp: 1 }],
  },
);
