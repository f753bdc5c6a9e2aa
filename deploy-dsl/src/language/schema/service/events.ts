import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, duration, name } from '../values.ts';

const routingKey = '[A-Za-z0-9_-]+';

export const EventName = Type.String({
  title: 'the name of an event',
  description: 'Words of letters, digits, `_` and `-`, separated by dots.',
  pattern: `^${routingKey}(\\.${routingKey})*$`,
  maxLength: 200,
  examples: ['room.created'],
});

export const EventPattern = Type.String({
  title: 'an event or a pattern of events',
  description: 'Words separated by dots; `*` stands for one word, `#` for any number of words.',
  pattern: `^(${routingKey}|\\*|#)(\\.(${routingKey}|\\*|#))*$`,
  maxLength: 200,
  examples: ['room.created', 'room.*', 'user.#'],
});

export const Consume = Type.Object(
  {
    events: Type.Array(EventPattern, {
      title: 'a list of events',
      description: 'Which events the queue receives.',
      minItems: 1,
      examples: [['user.*', 'room.closed']],
    }),
    queue: Type.Optional(
      Type.String({
        ...name('the name of a queue'),
        description:
          'Name of the queue behind the service: `search.events`. Each queue of a service needs its own.',
        default: builtin.consume.queue,
      }),
    ),
    prefetch: Type.Optional(
      Type.Integer({
        title: 'a whole number of messages',
        description: 'Unacknowledged messages at once per instance.',
        minimum: 1,
        maximum: 10_000,
        default: builtin.consume.prefetch,
      }),
    ),
    retries: Type.Optional(
      Type.Array(duration('A wait before a message is delivered again.'), {
        title: 'a list of durations',
        description:
          'Waits before each further attempt when the service fails; after the last one the message goes to the ' +
          'dead letters. An empty list: straight to the dead letters.',
        default: builtin.consume.retries,
        maxItems: 20,
      }),
    ),
  },
  { ...closed, title: 'a queue' },
);
