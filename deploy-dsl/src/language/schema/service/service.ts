import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, mapOf, name } from '../values.ts';
import { shared } from './defaults.ts';
import { Consume, EventName, EventPattern } from './events.ts';
import { Port, portName } from './ports.ts';
import { Redis } from './redis.ts';
import { RouteOrPath } from './route.ts';
import { Secrets } from './secrets.ts';

const list = <T extends Type.TSchema>(items: T, title: string, description: string, examples: unknown[]) =>
  Type.Optional(Type.Array(items, { title, description, default: [], examples }));

export const Service = Type.Object(
  {
    ...shared,
    image: Type.Optional(
      Type.String({
        title: 'the name of an image',
        description:
          'Image under the docker driver. Left out: `<service>:<version>`. A name without a registry gets the ' +
          'one of the environment, a name without a tag gets `version`.',
        pattern:
          '^([A-Za-z0-9.-]+(:\\d+)?/)?[a-z0-9._-]+(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:[0-9a-f]{64})?$',
        maxLength: 500,
        examples: ['rooms', 'registry.example/team/rooms:1.4.2'],
      }),
    ),
    command: Type.Optional(
      Type.Union(
        [
          Type.String({
            title: 'a command',
            description:
              'No shell is involved: quotes, pipes and the like need a list, such as [sh, -c, "a | b"].',
            pattern: '^[^\\s\'"\\\\|&;<>`]+( +[^\\s\'"\\\\|&;<>`]+)*$',
            examples: ['node src/main.ts'],
          }),
          Type.Array(Type.String({ title: 'a text' }), {
            title: 'a list: the program, then its arguments',
            minItems: 1,
          }),
        ],
        {
          title: 'a command, or a list of the program and its arguments',
          description:
            'What is started. No shell is involved: a text is split at its blanks; where an argument holds blanks or ' +
            'quotes, write a list. Left out: the entry point of the image, or `node src/main.ts` without one.',
          default: builtin.service.command,
          examples: ['node server.ts', ['node', 'src/main.ts', '--verbose']],
        },
      ),
    ),
    directory: Type.Optional(
      Type.String({
        title: 'a folder, relative to this file',
        description: 'Folder of the service, relative to this file. Left out: `services/<service>`.',
        pattern: '^(?!/)[A-Za-z0-9._/@ -]+$',
        maxLength: 400,
        examples: ['services/rooms'],
      }),
    ),
    routes: list(
      RouteOrPath,
      'a list of routes',
      'Paths at the edge that lead here. A service without routes is reached by other services only.',
      [['/api/rooms'], [{ path: '/ws', websocket: true }]],
    ),
    needs: list(
      name('the name of a service'),
      'a list of services',
      'Services that must be up before this one is started.',
      [['auth']],
    ),
    calls: list(
      name('the name of a service'),
      'a list of services',
      'Services that this one sends requests to.',
      [['auth']],
    ),
    publishes: list(EventName, 'a list of events', 'Events this service publishes, by routing key.', [
      ['room.created'],
    ]),
    consumes: list(
      Type.Union([EventPattern, Consume], { title: 'an event, a pattern, or a map with `events`' }),
      'a list of events or queues',
      'Events this service receives. All plain entries share one queue, `<service>.events`; a map makes a queue ' +
        'with settings of its own.',
      [['user.*'], [{ events: ['room.*'], queue: 'index', prefetch: 50, retries: ['1s', '1m'] }]],
    ),
    redis: Type.Optional(
      Type.Union([Type.Boolean(), Redis], {
        title: 'true, false, or a map with the settings of the Redis',
        description: 'A small Redis that belongs to this service alone.',
        default: false,
        examples: [true, { persistent: true, memory: 64 }],
      }),
    ),
    secrets: Type.Optional(Secrets),
    ports: Type.Optional(
      mapOf(portName, Port, {
        title: 'a map of ports',
        description: 'Fixed ports of the machine, beside the HTTP port that Nomad chooses. By name.',
        examples: [{ rtc: '40000..40063/udp' }],
      }),
    ),
    volumes: Type.Optional(
      mapOf(
        name('the name of a volume'),
        Type.String({
          title: 'an absolute path',
          description: 'Where the service sees the volume.',
          pattern: '^/[A-Za-z0-9._/-]+$',
          maxLength: 400,
          examples: ['/data'],
        }),
        {
          title: 'a map of volumes',
          description:
            'Storage that outlives an instance, by name. It has one writer: an update ends the old instance before it ' +
            'starts the new one.',
          examples: [{ recordings: '/data' }],
        },
      ),
    ),
  },
  { ...closed, title: 'a service' },
);
