import Type from 'typebox';
import { builtin } from '../builtin.ts';
import { Defaults } from './service/defaults.ts';
import { Service } from './service/service.ts';
import { closed, mapOf, memoryAmount, name, orEmpty, rateLimit } from './values.ts';

export const NodeClass = Type.Object(
  {
    count: Type.Integer({
      title: 'a number of machines',
      description: 'How many there are.',
      minimum: 0,
      maximum: 100_000,
    }),
    cpu: Type.Integer({
      title: 'a whole number of MHz',
      description: 'CPU of one machine that Nomad may give away, in MHz.',
      minimum: 1,
    }),
    memory: memoryAmount('Memory of one machine that Nomad may give away, in MiB or with a unit.'),
  },
  { ...closed, title: 'a class of machines' },
);

const className = name('the name of a machine class', 30);

export const Cloud = Type.Object(
  {
    region: Type.Optional(
      Type.String({
        title: 'the name of a region',
        description: "The provider's name of the region.",
        pattern: '^[a-z0-9-]+$',
        maxLength: 60,
        examples: ['eu-west-1', 'europe-west1'],
      }),
    ),
    zones: Type.Optional(
      Type.Array(Type.String({ title: 'the name of a zone', pattern: '^[a-z0-9-]+$', maxLength: 60 }), {
        title: 'a list of zones',
        description: 'Zones the machines stand in. Left out: those of the region.',
        default: [],
        uniqueItems: true,
        examples: [['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
      }),
    ),
    nodes: Type.Optional(
      mapOf(className, NodeClass, {
        title: 'a map of machine classes',
        description:
          'The machines, by class; `default` are the ordinary ones. With it, checks say before a deploy what fits nowhere.',
        examples: [{ default: { count: 3, cpu: 4000, memory: 7800 } }],
      }),
    ),
  },
  { ...closed, title: 'a cloud' },
);

export const Edge = Type.Object(
  {
    port: Type.Optional(
      Type.Integer({
        title: 'a port',
        description: `Port of the edge on each machine; ${builtin.edge.localPort} in the local environment.`,
        minimum: 1,
        maximum: 65_535,
        default: builtin.edge.port,
      }),
    ),
    limit: Type.Optional(
      rateLimit(
        'Limit on every route, beside the one of the route itself. Counted by address.',
        builtin.edge.limit,
      ),
    ),
    memory: Type.Optional(memoryAmount('Memory of the edge, in MiB or with a unit.', builtin.edge.memory)),
  },
  { ...closed, title: 'the settings of the edge' },
);

export const Rabbitmq = Type.Object(
  {
    memory: Type.Optional(
      memoryAmount('Memory of RabbitMQ, in MiB or with a unit.', builtin.rabbitmq.memory),
    ),
    connections: Type.Optional(
      Type.Integer({
        title: 'a number of connections',
        description: 'Connections the server admits. Checked against services × instances × pool.',
        minimum: 1,
        maximum: 1_000_000,
        default: builtin.rabbitmq.connections,
      }),
    ),
    pool: Type.Optional(
      Type.Integer({
        title: 'a number of connections',
        description: 'Connections that each instance opens of a service that publishes or consumes.',
        minimum: 1,
        maximum: 100,
        default: builtin.rabbitmq.pool,
      }),
    ),
  },
  { ...closed, title: 'the settings of RabbitMQ' },
);

const edge = Type.Optional(
  orEmpty(Edge, { title: 'the settings of the edge', description: 'nginx in front of all services.' }),
);
const rabbitmq = Type.Optional(
  orEmpty(Rabbitmq, { title: 'the settings of RabbitMQ', description: 'The message broker.' }),
);

const serviceName = name('the name of a service');

export const Environment = Type.Object(
  {
    clouds: Type.Optional(
      Type.Array(name('the name of a cloud', 30), {
        title: 'a list of clouds',
        description:
          'Clouds it runs in, in the order of a rollout. `local` is this machine and stands alone. Left out: all of ' +
          '`clouds`; in the environment named `local`, this machine.',
        minItems: 1,
        examples: [['aws', 'gcp'], ['local']],
      }),
    ),
    driver: Type.Optional(
      Type.Union([Type.Literal('raw_exec'), Type.Literal('docker')], {
        title: '`raw_exec` or `docker`',
        description:
          'How a service is started: as a process from its folder, or as a container from its image. Left out: ' +
          '`raw_exec` on this machine, `docker` elsewhere.',
      }),
    ),
    registry: Type.Optional(
      Type.String({
        title: 'the address of a registry',
        description: 'Registry of all images whose name has none.',
        pattern: '^[A-Za-z0-9.-]+(:\\d+)?(/[a-z0-9._/-]+)?$',
        maxLength: 300,
        examples: ['registry.example', 'registry.example/team'],
      }),
    ),
    domain: Type.Optional(
      Type.String({
        title: 'a host name',
        description: 'Host name of the edge. Left out: it answers for every host name.',
        pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$',
        maxLength: 253,
        examples: ['tandem.example'],
      }),
    ),
    edge,
    rabbitmq,
    defaults: Type.Optional(
      orEmpty(Defaults, {
        title: 'settings for all services',
        description: 'Settings of all services in this environment, unless a service says otherwise.',
      }),
    ),
    services: Type.Optional(
      orEmpty(
        mapOf(
          serviceName,
          Type.Union([Service, Type.Literal(false, { title: 'false' }), Type.Null()], {
            title: 'a map with the settings of a service, or false',
          }),
          { title: 'a map of services', description: 'By name of the service.' },
        ),
        {
          title: 'a map of services',
          description: 'What differs for a service of this file in this environment; `false` leaves it out.',
          examples: [{ rooms: { version: '0.1.0' }, debug: false }],
        },
      ),
    ),
  },
  { ...closed, title: 'an environment' },
);

/** The whole file. The one source of the types, the validator, the editor's schema and the reference page. */
export const File = Type.Object(
  {
    tandem: Type.Literal(1, {
      title: '1, the version of this language',
      description: 'Version of this language.',
      examples: [1],
    }),
    clouds: Type.Optional(
      orEmpty(
        mapOf(
          name('the name of a cloud', 30),
          Type.Union([Cloud, Type.Null()], { title: 'a map with the settings of a cloud' }),
          {
            title: 'a map of clouds',
            description: 'By name of the cloud, which is also the Nomad region and the Consul datacenter.',
          },
        ),
        {
          title: 'a map of clouds',
          description: 'The clouds there are. `local`, this machine, always exists.',
          examples: [{ aws: { region: 'eu-west-1' }, gcp: { region: 'europe-west1' } }],
        },
      ),
    ),
    edge,
    rabbitmq,
    defaults: Type.Optional(
      orEmpty(Defaults, {
        title: 'settings for all services',
        description: 'Settings of all services, unless an environment or a service says otherwise.',
      }),
    ),
    services: orEmpty(
      mapOf(
        serviceName,
        Type.Union([Service, Type.Null()], { title: 'a map with the settings of a service' }),
        {
          title: 'a map of services',
          description: 'By name of the service.',
        },
      ),
      { title: 'a map of services', description: 'The services, by name.' },
    ),
    environments: Type.Optional(
      orEmpty(
        mapOf(
          name('the name of an environment', 30),
          Type.Union([Environment, Type.Null()], { title: 'a map with the settings of an environment' }),
          { title: 'a map of environments', description: 'By name of the environment.' },
        ),
        {
          title: 'a map of environments',
          description: 'Where it runs, and what differs there. `local`, this machine, always exists.',
        },
      ),
    ),
  },
  {
    ...closed,
    title: 'a map with `tandem` and `services`',
    description: 'What runs, where, how many of it, and behind which path.',
  },
);

export type FileInput = Type.Static<typeof File>;
export type ServiceInput = Type.Static<typeof Service>;
export type EnvironmentInput = Type.Static<typeof Environment>;
export type DefaultsInput = Type.Static<typeof Defaults>;
export type CloudInput = Type.Static<typeof Cloud>;
