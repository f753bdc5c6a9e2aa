import { generateKeyPairSync } from 'node:crypto';
import { variableOf } from '../config/config.ts';
import { createStaticDiscovery } from '../discovery/discovery.ts';
import type { OpenapiDocument } from '../http/openapi-document.ts';
import { type TSchema, Type } from '../schema.ts';
import type { Service } from '../service.ts';
import { jwksPath } from '../tokens/authentication.ts';
import { type EventsContract, eventsContractOf } from './event-contract.ts';
import type { UsesContract } from './uses-contract.ts';

/** All that the source of a service says about itself and others. */
export interface Description {
  service: string;
  events: EventsContract;
  api: OpenapiDocument;
  /** With those operations that are not in the copies of the contracts of others. */
  calls: UsesContract['calls'];
  consumes: UsesContract['consumes'];
}

/** Nobody listens there: a service that is only looked at needs no Redis, no RabbitMQ and no other service. */
const NOBODY = '127.0.0.1:1';

/** Builds a service with settings that fit its schema and mean nothing, and looks at it. */
export async function describeService(service: Service): Promise<Description> {
  const built = await service.build({
    env: {
      ...examplesOf(service.settings),
      REDIS_URL: `redis://${NOBODY}`,
      RABBITMQ_URL: `amqp://${NOBODY}`,
      QUEUES: JSON.stringify([{ queue: 'all', events: ['#'], prefetch: 1, retries: [], dead: 'all.dead' }]),
      SERVICE_VERSION: 'unreleased',
      LOG_LEVEL: 'silent',
    },
    discovery: createStaticDiscovery({}),
  });
  try {
    const api: OpenapiDocument = JSON.parse(JSON.stringify(built.app.swagger()));
    const paths = Object.entries(api.paths).sort(([one], [other]) => one.localeCompare(other, 'en'));
    const consumes = built.handlers
      .map(({ eventName, version }) => ({ name: eventName, version }))
      .sort((one, other) => one.name.localeCompare(other.name, 'en') || one.version - other.version);
    return {
      service: service.name,
      events: eventsContractOf(service.name, service.publishes),
      api: { ...api, paths: Object.fromEntries(paths) },
      calls: callsOf(service),
      consumes,
    };
  } finally {
    await built.stop();
  }
}

/** Besides what it names it asks for the keys that it verifies tokens with. */
function callsOf({ calls, keysFrom }: Service): UsesContract['calls'] {
  const keys = (other: string) => (other === keysFrom ? [`GET ${jwksPath(other)}`] : []);
  const names = new Set([...calls, ...(keysFrom === null ? [] : [keysFrom])]);
  return [...names].sort().map((other) => ({ service: other, operations: keys(other) }));
}

/** A variable for every setting that must be given. */
function examplesOf(settings: Record<string, TSchema>): Record<string, string> {
  const required = Type.Object(settings).required ?? [];
  return Object.fromEntries(
    required.map((name) => [variableOf(name), String(exampleOf({ ...settings[name] }))]),
  );
}

function exampleOf(schema: Record<string, unknown>): unknown {
  const { type, minimum, enum: values, example, format } = schema;
  if (schema.default !== undefined) return schema.default;
  if (example !== undefined) return example;
  if (Array.isArray(values)) return values[0];
  // A key is a secret of any kind.
  if (schema.secret === true) return privateKey();
  if (type === 'integer' || type === 'number') return minimum ?? 1;
  if (type === 'boolean') return false;
  return format === 'email' ? 'nobody@example.org' : format === 'uri' ? `http://${NOBODY}` : 'example';
}

function privateKey(): string {
  const format = { type: 'pkcs8', format: 'pem' } as const;
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(format).toString();
}
