import type { PlacementMetric } from '../cluster/nomad/evaluation.ts';
import type { JobFinding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { driverMissing, noNodes, noRoom, noSuchNode, portHeld } from '../language/errors/instance.ts';
import type { ModelPath } from '../language/origins.ts';
import { memoryPath, type Subject } from './blame-subject.ts';

/**
 * Why the scheduler found no node. The nodes that came furthest are blamed: those that suit and have no room, else those
 * of the right class that lack something else, else the class. The rest is evidence.
 */
export function blamePlacement(
  finding: Extract<JobFinding, { kind: 'unplaced' }>,
  subject: Subject,
): Diagnostic {
  const { cloud, metric } = finding;
  const { job, model, place } = subject;
  const seen = placementWords(metric);
  const filtered = Object.entries(metric.ConstraintFiltered ?? {});
  const reason =
    largest(Object.entries(metric.DimensionExhausted ?? {})) ??
    largest(filtered.filter(([what]) => !isClass(what))) ??
    largest(filtered);
  if (reason === null || metric.NodesInPool === 0) {
    const index = model.clouds.findIndex(({ name }) => name === cloud);
    return noNodes(
      subject.nearest(['clouds', ...(index === -1 ? [] : [index])], ['environment'], subject.path),
      job,
      cloud,
      model.local,
    );
  }
  const port = /port collision (?:[\w-]+=)?(\d+)/.exec(reason)?.[1];
  if (port !== undefined) return portHeld(place(portPath(Number(port), subject)), job, cloud, port);
  if (reason === 'missing drivers')
    return driverMissing(subject.nearest(['driver'], ['environment']), job, cloud, model.driver, seen);
  const resource = resourceOf(reason, subject);
  if (resource !== null) {
    return noRoom(place(resource.path), job, cloud, resource.name, resource.wanted, seen);
  }
  return noSuchNode(place(conditionPath(reason, subject)), job, cloud, condition(reason), seen);
}

/** One line per thing that nodes lack: `2 of 3 nodes: not enough memory`. */
export function placementWords(metric: PlacementMetric): string[] {
  const total = metric.NodesEvaluated;
  const line = (count: number, what: string) =>
    `${count} of ${total} ${total === 1 ? 'node' : 'nodes'}: ${what}`;
  return [
    ...Object.entries(metric.ConstraintFiltered ?? {}).map(([what, count]) => line(count, condition(what))),
    ...Object.entries(metric.DimensionExhausted ?? {}).map(([what, count]) => line(count, shortage(what))),
  ];
}

function shortage(dimension: string): string {
  if (/^(memory|cpu|disk|cores)$/.test(dimension))
    return `not enough ${dimension === 'cpu' ? 'CPU' : dimension}`;
  return dimension.replace(/^network: /, '');
}

/** Nomad's constraint in words. */
function condition(constraint: string): string {
  const nodeClass = /^\$\{node\.class\} = (\S+)$/.exec(constraint)?.[1];
  if (nodeClass !== undefined) return `not of the class "${nodeClass}"`;
  if (constraint === 'missing drivers') return 'the driver is missing or unhealthy';
  if (constraint === 'missing compatible host volumes') return 'the volume is not there';
  if (/vault|consul/i.test(constraint)) return `Consul is missing (${constraint})`;
  return constraint;
}

const isClass = (constraint: string) => /node\.class/.test(constraint);

function largest(reasons: [string, number][]): string | null {
  const [first] = reasons.toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}

function resourceOf(
  reason: string,
  subject: Subject,
): { name: string; path: ModelPath; wanted: string } | null {
  const { service, path, job } = subject;
  const own = service?.name === job ? service : null;
  switch (reason) {
    case 'memory': {
      const soft = own === null ? memoryPath(subject) : [...path, 'memory', 'softMiB'];
      return { name: 'memory', path: soft, wanted: own === null ? '' : `${own.memory.softMiB} MiB` };
    }
    case 'cpu':
    case 'cores':
      return {
        name: 'CPU',
        path: own === null ? path : [...path, 'cpuMHz'],
        wanted: own === null ? '' : `${own.cpuMHz} MHz`,
      };
    case 'disk':
      return { name: 'disk', path, wanted: '' };
    default:
      return null;
  }
}

function portPath(port: number, { service, path, job }: Subject): ModelPath {
  if (job === 'edge') return ['edge', 'port'];
  const index = service?.ports.findIndex(({ from, to }) => from <= port && port <= to) ?? -1;
  return index === -1 ? path : [...path, 'ports', index];
}

function conditionPath(reason: string, { path, service, job }: Subject): ModelPath {
  if (service?.name !== job) return path;
  if (isClass(reason)) return [...path, 'class'];
  if (/volume/.test(reason)) return [...path, 'volumes'];
  if (/distinct|spread|zone/.test(reason)) return [...path, 'spread'];
  return path;
}
