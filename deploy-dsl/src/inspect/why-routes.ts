import type { ConsulServiceEntry } from '../cluster/consul.ts';
import { exchange, textOf } from '../cluster/exchange.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { edgeTemplateKey } from '../compile/assumptions.ts';
import { upstreamOf } from '../compile/edge/names.ts';
import { edgeTemplateDigest } from '../compile/edge/template.ts';
import { edgeFolder } from '../compile/platform/edge-job.ts';
import type { Edge } from './edge-outcome.ts';

/** What one edge really sends requests to, compared with what Consul says is healthy. */
export interface EdgeView {
  instance: string;
  node: string;
  running: boolean;
  /** Digest that its /healthz names: the template it serves by; null: it cannot be asked from here. */
  serves: string | null;
  /** It serves by the template that was deployed last. */
  current: boolean;
  /** Addresses in its live configuration; null: its configuration cannot be read. */
  servers: string[] | null;
  /** Healthy in Consul, and not in its configuration. */
  missing: string[];
  /** In its configuration, and not healthy in Consul. */
  stale: string[];
}

/** The edges of a cloud, as to one service. */
export async function viewEdges(
  cloud: TargetCloud,
  edges: readonly Edge[],
  service: string,
  /** Instances of this cloud, and those of the others, which are the reserve. */
  { here, elsewhere }: { here: readonly ConsulServiceEntry[]; elsewhere: readonly ConsulServiceEntry[] },
  options: { signal: AbortSignal },
): Promise<EdgeView[]> {
  const [published, registered] = await Promise.all([
    cloud.consul.get(edgeTemplateKey, options),
    cloud.consul.health('edge', options),
  ]);
  const wanted = edgeTemplateDigest(published?.Value ?? '');
  const healthy = healthyAddresses(here);
  const reserve = healthyAddresses(elsewhere);
  return Promise.all(
    edges.map(async ({ instance, node, running }) => {
      const entry = registered.find(({ Service }) => Service.ID.includes(instance));
      const [serves, configuration] = await Promise.all([
        entry === undefined ? null : digestServed(`http://${entry.Service.Address}:${entry.Service.Port}`),
        configurationOf(cloud, instance, options),
      ]);
      const servers = configuration === null ? null : serversOf(configuration, service);
      return {
        instance,
        node,
        running,
        serves,
        current: wanted !== null && (serves ?? edgeTemplateDigest(configuration ?? '')) === wanted,
        servers,
        missing: servers === null ? [] : healthy.filter((address) => !servers.includes(address)),
        stale:
          servers === null
            ? []
            : servers.filter((address) => !healthy.includes(address) && !reserve.includes(address)),
      };
    }),
  );
}

function healthyAddresses(entries: readonly ConsulServiceEntry[]): string[] {
  return entries
    .filter(({ Checks }) => Checks.every(({ Status }) => Status === 'passing'))
    .map(({ Service, Node }) => `${Service.Address || Node.Address}:${Service.Port}`);
}

/** The edge may stand in a network that this machine does not reach. Not by fetch, which like a browser refuses some ports. */
async function digestServed(address: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const url = new URL(`${address}/healthz`);
    const answer = await exchange(url, { method: 'GET', headers: {}, body: undefined, signal });
    const body: unknown = JSON.parse(await textOf(answer));
    const has = typeof body === 'object' && body !== null && 'template' in body;
    return has && typeof body.template === 'string' ? body.template : null;
  } catch {
    return null;
  }
}

/** The file that its nginx runs by: swapped in only when nginx has accepted it. */
async function configurationOf(
  cloud: TargetCloud,
  instance: string,
  options: { signal: AbortSignal },
): Promise<string | null> {
  try {
    return await cloud.nomad.allocations.cat(instance, `${edgeFolder}/nginx.conf`, options);
  } catch {
    options.signal.throwIfAborted();
    return null;
  }
}

/** Addresses in the upstreams of a service, those of its canaries included, each once. */
export function serversOf(configuration: string, service: string): string[] {
  const names = [upstreamOf(service, 'stable'), upstreamOf(service, 'canary')];
  const blocks = names.flatMap((name) => {
    const start = configuration.indexOf(`\n  upstream ${name} {`);
    return start === -1 ? [] : [configuration.slice(start, configuration.indexOf('\n  }', start))];
  });
  const found = blocks.flatMap((block) => [...block.matchAll(/^\s*server (\S+)/gm)].map(([, at = '']) => at));
  return [...new Set(found)];
}
