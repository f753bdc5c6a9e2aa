import Type from 'typebox';
import { builtin } from '../builtin.ts';
import {
  bodySize,
  count,
  duration,
  environmentVariable,
  mapOf,
  memoryAmount,
  name,
  rateLimit,
} from './values.ts';

const closed = { additionalProperties: false };

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

const RouteOrPath = Type.Union([Route.properties.path, Route], { title: 'a path or a map with `path`' });

export const Memory = Type.Object(
  {
    soft: Type.Optional(
      memoryAmount('What the scheduler reserves, in MiB or with a unit.', builtin.service.memory),
    ),
    hard: Type.Optional(memoryAmount('Where an instance is killed. Left out: equal to `soft`.')),
  },
  { ...closed, title: 'a map with `soft` and `hard`' },
);

const routingKey = '[A-Za-z0-9_-]+';

const EventName = Type.String({
  title: 'the name of an event',
  description: 'Words of letters, digits, `_` and `-`, separated by dots.',
  pattern: `^${routingKey}(\\.${routingKey})*$`,
  maxLength: 200,
  examples: ['room.created'],
});

const EventPattern = Type.String({
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

const Secret = Type.Object(
  {
    generate: Type.Optional(
      Type.Union([Type.Literal('rsa-2048'), Type.Literal('random-32')], {
        title: '`rsa-2048` or `random-32`',
        description:
          'Made by `up` and `deploy` where it does not exist yet: an RSA private key (PEM), or 32 random bytes ' +
          '(base64url). Left out: an operator sets it with `./tandem secret set`.',
      }),
    ),
  },
  { ...closed, title: 'a map with `generate`' },
);

const secretName = Type.String({
  ...name('the name of a secret', 63),
  description:
    'Lower-case letters, digits and hyphens, starting with a letter; "rabbitmq-password" is the platform\'s own.',
  pattern: '^(?!rabbitmq-password$)[a-z]([a-z0-9-]*[a-z0-9])?$',
});

const Secrets = Type.Union(
  [
    Type.Array(secretName, { title: 'a list of secrets', uniqueItems: true }),
    mapOf(secretName, Type.Union([Secret, Type.Null()], { title: 'a map with `generate`' }), {
      title: 'a map of secrets',
      description: 'By name of the secret.',
    }),
  ],
  {
    title: 'a list or a map of secrets',
    description:
      'Secrets the service reads, by name. Kept in Nomad Variables and mounted as a file whose path is in ' +
      '`<NAME>_FILE` (`jwt-private-key` → `JWT_PRIVATE_KEY_FILE`). An override replaces the whole list.',
    examples: [['smtp-password'], { 'jwt-private-key': { generate: 'rsa-2048' } }],
  },
);

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

const Port = Type.Union(
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

const portName = Type.String({
  ...name('the name of a port', 30),
  description:
    'Lower-case letters, digits and hyphens, starting with a letter; "http" and "redis" are the ports that Nomad chooses.',
  pattern: '^(?!(http|redis)$)[a-z]([a-z0-9-]*[a-z0-9])?$',
});

const environmentValue = Type.Union(
  [
    Type.String({ title: 'a text', maxLength: 32_768 }),
    Type.Number({ title: 'a number' }),
    Type.Boolean({ title: 'true or false' }),
  ],
  { title: 'a text, a number, true or false' },
);

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

/** What `defaults` may say for all services. */
const shared = {
  instances: Type.Optional(instances),
  cpu: Type.Optional(
    Type.Integer({
      title: 'a whole number of MHz',
      description:
        'CPU that the scheduler reserves for an instance, in MHz. It may use more when the machine is idle.',
      minimum: 1,
      maximum: 1_000_000,
      default: builtin.service.cpu,
      examples: [100, 500],
    }),
  ),
  memory: Type.Optional(
    Type.Union([...memoryAmount('').anyOf, Memory], {
      title: 'an amount of memory, or a map with `soft` and `hard`',
      description:
        'Memory of an instance, in MiB or with a unit. One number is both: reserved, and where the instance is killed. ' +
        'With `{ soft, hard }` less is reserved than may be used.',
      default: builtin.service.memory,
      examples: [128, '2GB', { soft: 128, hard: 256 }],
    }),
  ),
  class: Type.Optional(
    Type.String({
      ...name('the name of a machine class'),
      description: 'Class of machines it runs on, one of `clouds.<cloud>.nodes`.',
      default: builtin.service.class,
      examples: ['media'],
    }),
  ),
  spread: Type.Optional(
    Type.Union([Type.Literal('zone'), Type.Literal('node'), Type.Literal(false)], {
      title: '`zone`, `node` or false',
      description: 'What the instances are spread over; false packs them on few machines.',
      default: builtin.service.spread,
    }),
  ),
  version: Type.Optional(
    Type.String({
      title: 'a version, as text',
      description:
        'Version of the service: the tag of its image. Required where the driver is docker and `image` has no tag.',
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
      examples: ['1.4.2'],
    }),
  ),
  env: Type.Optional(
    mapOf(environmentVariable, environmentValue, {
      title: 'a map of environment variables',
      description:
        'Environment variables of the service, which gets them as they are written: nothing is put in for a reference. ' +
        'Maps of several layers are merged key by key. Never a secret.',
      examples: [{ LOG_LEVEL: 'debug' }],
    }),
  ),
  health: Type.Optional(
    Type.Union([Health.properties.path, Health], {
      title: 'a path, or a map with the settings of the health check',
      description:
        'How Consul and the deploy know that an instance is ready: an HTTP request every second. Requests only go to ' +
        'instances that are.',
      default: builtin.health.path,
      examples: ['/healthz/ready', { path: '/ready', interval: '5s' }, { live: '/healthz/live' }],
    }),
  ),
  update: Type.Optional(
    Type.Union([Update, Type.Null()], {
      title: 'a map with the update policy',
      description: 'How a new version replaces the old one.',
      examples: [{ canary: '10%', bake: '5m' }],
    }),
  ),
};

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

export const Defaults = Type.Object(shared, { ...closed, title: 'settings for all services' });
