import Type from 'typebox';
import { name } from '../values.ts';

export const Port = Type.Union(
  [
    Type.Integer({ title: 'a port', minimum: 1, maximum: 65_535, examples: [3478] }),
    Type.String({
      title: 'a port range',
      pattern: '^\\d{1,5}(\\.\\.\\d{1,5})?(/(tcp|udp))?( shared)?$',
      examples: ['40000..40063/udp', '3478/udp', '5000..5010', '40000..40063/udp shared'],
    }),
  ],
  {
    title: 'a port or a port range',
    description:
      "A port of the machine, `tcp` unless said otherwise. A range is one instance's on each machine; one that is `shared` is " +
      "all instances' of a machine, and each takes what is free in it.",
  },
);

export const portName = Type.String({
  ...name('the name of a port', 30),
  description:
    'Lower-case letters, digits and hyphens, starting with a letter; "http" and "redis" are the ports that Nomad chooses.',
  pattern: '^(?!(http|redis)$)[a-z]([a-z0-9-]*[a-z0-9])?$',
});
