import Type from 'typebox';
import { builtin } from '../../builtin.ts';
import { closed, environmentVariable, mapOf, memoryAmount, name } from '../values.ts';
import { Health } from './health.ts';
import { instances } from './instances.ts';
import { Memory } from './memory.ts';
import { Update } from './update.ts';
import { environmentValue } from './variables.ts';

/** What `defaults` may say for all services. */
export const shared = {
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

export const Defaults = Type.Object(shared, { ...closed, title: 'settings for all services' });
