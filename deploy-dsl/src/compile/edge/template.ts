import { createHash } from 'node:crypto';
import type { Model } from '../../language/model.ts';
import { asset, fill } from '../platform/assets.ts';
import type { Place } from '../settings.ts';
import { shortDuration } from '../units.ts';
import { limitZones } from './limits.ts';
import { servers } from './servers.ts';
import { upstreams } from './upstreams.ts';

/**
 * The template of a cloud's edge: nginx' configuration with consul-template's statements in it. Comments
 * `# origin: services.rooms.routes.0` stand above what comes from `services.yml`; the line `# template: <digest>` and
 * `/healthz` name its digest.
 */
export function edgeTemplate(model: Model, place: Place): string {
  const text = (digest: string) =>
    fill(asset('edge/nginx.conf'), {
      digest,
      environment: model.environment,
      cloud: place.cloud,
      // A developer's machine has many cores and little load; every worker more is memory in each generation.
      workers: place.local ? '2' : 'auto',
      connections: place.local ? '2048' : '16384',
      worker_shutdown: shortDuration(workerShutdownMs(model)),
      addresses: addresses(place),
      limits: limitZones(model),
      upstreams: upstreams(model, place),
      servers: servers(model, place, digest),
    });
  return text(createHash('sha256').update(text('')).digest('hex').slice(0, 16));
}

/** The digest that is in a template; `/healthz` of an edge that serves it says the same. Null in a foreign text. */
export function edgeTemplateDigest(template: string): string | null {
  return /^# template: ([0-9a-f]{16})$/m.exec(template)?.[1] ?? null;
}

/**
 * Each reload leaves workers behind that finish their requests and WebSockets. They may take as long as an instance that
 * leaves may take: the longest `drain` of a routed service, and a minute at least.
 */
function workerShutdownMs(model: Model): number {
  const routed = Object.values(model.services).filter((service) => service.routes.length > 0);
  return routed.reduce((longest, { update }) => Math.max(longest, update.drainMs), 60_000);
}

/** Networks that a cloud's load balancer and no client can come from (RFC 1918). */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * On this machine the client is who connects. In a cloud a load balancer connects, from the private network: the last
 * address that it did not add itself is the client, whatever the client wrote before it.
 */
function addresses(place: Place): string {
  if (place.local) return ['  map "" $client_scheme {', '    default $scheme;', '  }'].join('\n');
  return [
    ...privateNetworks.map((network) => `  set_real_ip_from ${network};`),
    '  real_ip_header X-Forwarded-For;',
    '  real_ip_recursive on;',
    '  geo $realip_remote_addr $from_balancer {',
    '    default no;',
    ...privateNetworks.map((network) => `    ${network} yes;`),
    '  }',
    '  map "$from_balancer:$http_x_forwarded_proto" $client_scheme {',
    '    "yes:https" https;',
    '    default $scheme;',
    '  }',
  ].join('\n');
}
