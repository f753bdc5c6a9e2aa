import { portClash, portPerMachine, portReserved } from '../errors/meaning/ports.ts';
import type { Port, Service } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { CheckContext } from './check.ts';

/** Ports that the platform holds on every machine; the last range is what Nomad gives to tasks. */
const platformPorts: { from: number; to: number; owner: string }[] = [
  { from: 4369, to: 4369, owner: 'RabbitMQ (epmd)' },
  { from: 4646, to: 4648, owner: 'Nomad' },
  { from: 4656, to: 4656, owner: 'Nomad' },
  { from: 5672, to: 5672, owner: 'RabbitMQ' },
  { from: 8300, to: 8302, owner: 'Consul' },
  { from: 8500, to: 8503, owner: 'Consul' },
  { from: 8600, to: 8600, owner: 'Consul' },
  { from: 15_672, to: 15_672, owner: 'RabbitMQ (management)' },
  { from: 25_672, to: 25_672, owner: 'RabbitMQ' },
  { from: 20_000, to: 32_000, owner: 'the range that Nomad gives to instances' },
];

interface Claim {
  service: Service;
  port: Port;
  path: ModelPath;
}

/** Fixed ports: free on every machine the service may run on, and as many machines as instances. */
export function checkPorts(context: CheckContext): void {
  const groups = new Map<string, Claim[]>();
  for (const service of context.services) {
    service.ports.forEach((port, index) => {
      const claim = { service, port, path: ['services', service.name, 'ports', index] };
      checkPlatform(context, claim);
      for (const cloud of cloudsOf(service)) {
        const group = [cloud, service.class].join(' ');
        groups.set(group, [...(groups.get(group) ?? []), claim]);
      }
    });
    checkMachines(context, service);
  }
  for (const claims of groups.values()) {
    checkOverlaps(context, claims);
  }
}

const cloudsOf = (service: Service) =>
  Object.entries(service.instances).flatMap(([cloud, { max }]) => (max > 0 ? [cloud] : []));

function checkPlatform(context: CheckContext, { port, path }: Claim): void {
  const edge = { from: context.model.edge.port, to: context.model.edge.port, owner: 'the edge' };
  const taken = [edge, ...platformPorts].find((platform) => overlap(port, platform));
  if (taken !== undefined) {
    context.report(
      portReserved(context.place(path), shown(Math.max(port.from, taken.from), port), taken.owner),
    );
  }
}

function checkOverlaps(context: CheckContext, claims: Claim[]): void {
  const sorted = claims.toSorted((a, b) => a.port.from - b.port.from);
  let open: Claim[] = [];
  for (const claim of sorted) {
    open = open.filter(({ port }) => port.to >= claim.port.from);
    const other = open.find((earlier) => clash(earlier, claim));
    if (other !== undefined) {
      const port = shown(Math.max(claim.port.from, other.port.from), claim.port);
      const labels = context.label(other.path, 'and here');
      context.report(portClash(context.place(claim.path), port, other.service.name, labels));
    }
    open.push(claim);
  }
}

/** Nomad sets a number aside for one instance, whatever the protocol: only a service itself may want it for both. */
const clash = (a: Claim, b: Claim) =>
  overlap(a.port, b.port) && (a.service !== b.service || a.port.protocol === b.port.protocol);

function checkMachines(context: CheckContext, service: Service): void {
  const each = service.ports.map(({ from, to, shared }) => (shared ? to - from + 1 : 1));
  const scarcest = each.indexOf(Math.min(...each));
  const perMachine = each[scarcest];
  if (perMachine === undefined) return;
  for (const cloud of context.model.clouds) {
    const machines = context.model.local ? 1 : cloud.nodes?.[service.class]?.count;
    const instances = service.instances[cloud.name]?.min ?? 0;
    if (machines !== undefined && instances > machines * perMachine) {
      const path = ['services', service.name];
      const labels = context.label([...path, 'ports', scarcest], 'the fixed port');
      const place = context.place([...path, 'instances', cloud.name]);
      const room = { machines, perMachine };
      context.report(portPerMachine(place, service.name, cloud.name, instances, room, labels));
    }
  }
}

const overlap = (a: { from: number; to: number }, b: { from: number; to: number }) =>
  a.from <= b.to && b.from <= a.to;
const shown = (number: number, { protocol }: Port) => `${number}/${protocol}`;
