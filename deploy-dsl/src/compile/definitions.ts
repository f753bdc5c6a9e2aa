import type { Topology } from './compiled.ts';

/**
 * The topology as RabbitMQ itself writes it, so that `rabbitmqctl import_definitions` reads it, too. A line for each
 * exchange, queue and binding: a difference in a review names the thing that differs.
 */
export function definitions({ exchanges, queues, bindings }: Topology): string {
  const vhost = '/';
  const durable = { durable: true, auto_delete: false };
  return document({
    exchanges: exchanges.map(({ name, type }) => ({
      ...{ name, vhost, type, ...durable },
      ...{ internal: false, arguments: {} },
    })),
    queues: queues.map(({ name, arguments: args }) => ({ name, vhost, ...durable, arguments: args })),
    bindings: bindings.map(({ exchange, queue, routingKey }) => ({
      ...{ source: exchange, vhost, destination: queue, destination_type: 'queue' },
      ...{ routing_key: routingKey, arguments: {} },
    })),
  });
}

function document(lists: Record<string, object[]>): string {
  const parts = Object.entries(lists).map(([name, items]) => {
    const lines = items.map((item) => `\n    ${JSON.stringify(item)}`);
    return `  "${name}": [${lines.join(',')}${lines.length > 0 ? '\n  ' : ''}]`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}
