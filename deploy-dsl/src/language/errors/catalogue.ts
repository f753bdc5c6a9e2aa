import * as backup from './backup.ts';
import * as calls from './calls.ts';
import * as cluster from './cluster.ts';
import type { ErrorKind } from './define.ts';
import * as deploy from './deploy.ts';
import * as instance from './instance.ts';
import * as local from './local.ts';
import * as meaning from './meaning/index.ts';
import * as queues from './queues.ts';
import * as scaffold from './scaffold.ts';
import * as service from './service.ts';
import * as syntax from './syntax.ts';
import * as usage from './usage.ts';

/** One area of the catalogue: a file of this folder. */
export interface Area {
  title: string;
  kinds: Pick<ErrorKind, 'code' | 'severity' | 'when'>[];
}

/** All errors there are, by area and code. For the list in docs/errors.md and the test that pins it. */
export function catalogue(): Area[] {
  return [
    area('The file: bytes, YAML, shape', syntax),
    area('The file: what it says', meaning),
    area('Clusters: Nomad, Consul, nginx and RabbitMQ', cluster),
    area('Clusters: what they say about a service', instance),
    area('Services that run', service),
    area('Media servers and their calls', calls),
    area('Queues and dead letters', queues),
    area('Backup and restore', backup),
    area('Plan, deploy, releases and rollback', deploy),
    area('This machine: toolchain, ports, processes', local),
    area('A new service', scaffold),
    area('The command line', usage),
  ];
}

function area(title: string, module: Record<string, unknown>): Area {
  const kinds = Object.values(module).filter(isKind);
  return { title, kinds: kinds.toSorted((a, b) => a.code.localeCompare(b.code)) };
}

function isKind(value: unknown): value is Area['kinds'][number] {
  return typeof value === 'function' && 'code' in value && 'severity' in value && 'when' in value;
}
