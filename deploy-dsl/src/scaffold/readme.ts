import type { NewService } from './new-service.ts';

/** README.md of a new service, in the order of the others. */
export function readme(service: NewService): string {
  const { name, redis } = service;
  return `${[
    `# ${name}`,
    `${redis ? 'Keeps the items of each user; nobody else sees them.' : 'Greets whoever is signed in.'} \
Routes and shapes: \`/api/${name}/docs\` on a
local stack, \`/api/${name}/openapi.json\` everywhere.`,
    ...events(service),
    ...data(service),
    '## Settings',
    settings(service),
  ].join('\n\n')}\n`;
}

function events({ publishes, consumes }: NewService): string[] {
  const lines = [
    ...(consumes === null ? [] : [`- Consumes \`${consumes.name}\` of ${consumes.owner} and counts them.`]),
    ...(publishes === null
      ? []
      : [`- Publishes \`${publishes}\` (src/events.ts) in the same step as the item is written.`]),
  ];
  return lines.length === 0 ? [] : ['## Events', lines.join('\n')];
}

function data({ redis, consumes }: NewService): string[] {
  if (!redis) return [];
  const rows = [
    '| key | holds |',
    '| --- | --- |',
    '| `item:<id>` | owner, text, time |',
    ...(consumes === null ? [] : ['| `handled` | how many events of each name were handled |']),
  ];
  return ['## Data', "All in the service's own Redis, which is persistent.", rows.join('\n')];
}

function settings({ redis, publishes, consumes }: NewService): string {
  if (!redis) return 'Those of every service (docs/services.md).';
  const rabbitmq = publishes === null && consumes === null ? '' : '`RABBITMQ_URL` or `RABBITMQ_SERVICE`, ';
  const queues = consumes === null ? '' : '`QUEUES`, ';
  const needed = consumes === null ? '`redis-server`' : '`redis-server` and RabbitMQ';
  return `\`REDIS_URL\` or \`REDIS_SERVICE\`, ${rabbitmq}${queues}and those of every service\n(docs/services.md). \`npm test\` needs ${needed}.`;
}
