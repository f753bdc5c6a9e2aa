import { formatDuration } from '../terminal/duration.ts';
import { formatBytes } from '../terminal/size.ts';
import { type Column, table } from '../terminal/table.ts';
import type { Style, Terminal } from '../terminal/terminal.ts';
import type { InstanceState, JobState } from './state.ts';
import { instancesOf, type Status, type StatusRow } from './status.ts';

/** Below this many columns only name, instances, health and version are shown. */
const narrow = 70;

/** The table of services, in one screenful. */
export function statusTable(terminal: Terminal, status: Status, now: number): string {
  const several = new Set(status.rows.flatMap((row) => row.clouds.map(({ cloud }) => cloud))).size > 1;
  const slim = terminal.tty && terminal.width < narrow;
  const rows = status.rows.map((row) => {
    const health = healthOf(row);
    const short = [nameOf(row), instancesWords(row, several), health, versionOf(row)];
    return slim ? short : [...short, ...figures(instancesOf(row)), ageOf(instancesOf(row), now)];
  });
  const columns: Column[] = [
    {
      title: 'service',
      style: (_: string, i: number) => (status.rows[i]?.kind === 'service' ? 'bold' : null),
    },
    { title: 'instances', align: several ? 'left' : 'right' },
    { title: 'health', style: (cell: string) => healthStyle(cell) },
    { title: 'version', shrink: true },
    { title: memoryTitle(status.rows.flatMap(instancesOf)), align: 'right' },
    { title: 'cpu', align: 'right' },
    { title: 'restarts', align: 'right', style: (cell: string) => (Number(cell) > 0 ? 'yellow' : 'dim') },
    { title: 'age', align: 'right', style: () => 'dim' },
  ];
  return table(terminal, slim ? columns.slice(0, 4) : columns, rows);
}

/** The instances of one service, for `status SERVICE`. */
export function instanceTable(terminal: Terminal, instances: readonly InstanceState[], now: number): string {
  const several = new Set(instances.map(({ cloud }) => cloud)).size > 1;
  const slim = terminal.tty && terminal.width < narrow;
  const rows = instances.map((instance) => [
    instance.id.slice(0, 8),
    instance.job,
    instance.canary ? `${instance.state} (canary)` : instance.state,
    ...(slim ? [] : [several ? `${instance.cloud}/${instance.node}` : instance.node, instance.address ?? '']),
    ...(slim ? [] : figures([instance])),
    formatDuration(Math.max(0, now - instance.since)),
  ]);
  const all: Column[] = [
    { title: 'instance' },
    { title: 'job' },
    { title: 'state', style: (cell: string) => instanceStyle(cell) },
    { title: 'node', shrink: true },
    { title: 'address', shrink: true },
    { title: memoryTitle(instances), align: 'right' },
    { title: 'cpu', align: 'right' },
    { title: 'restarts', align: 'right', style: (cell: string) => (Number(cell) > 0 ? 'yellow' : 'dim') },
    { title: 'age', align: 'right', style: () => 'dim' },
  ];
  const columns = slim ? all.filter(({ title }) => ['instance', 'job', 'state', 'age'].includes(title)) : all;
  return table(terminal, columns, rows);
}

function nameOf(row: StatusRow): string {
  if (row.kind === 'redis') return `  ${row.job}`;
  return row.kind === 'unknown' ? `${row.job} (not in the file)` : row.job;
}

/** `2/2`, or by cloud `aws 2/2 gcp 1/2`. */
function instancesWords(row: StatusRow, several: boolean): string {
  return row.clouds
    .map(({ cloud, ready, wanted }) => `${several ? `${cloud} ` : ''}${ready}/${wanted}`)
    .join('  ');
}

/** The worst of its clouds. */
const order: JobState['state'][] = ['down', 'missing', 'degraded', 'rolling out', 'stopped', 'healthy'];

function healthOf(row: StatusRow): string {
  const worst = order.find((state) => row.clouds.some((cloud) => cloud.state === state)) ?? 'missing';
  return worst === 'missing' ? 'not deployed' : worst;
}

function healthStyle(health: string): Style {
  if (health === 'healthy') return 'green';
  return health === 'rolling out' || health === 'degraded' || health === 'stopped' ? 'yellow' : 'red';
}

function instanceStyle(state: string): Style {
  if (state.startsWith('ready')) return 'green';
  return state.startsWith('starting') || state.startsWith('leaving') ? 'yellow' : 'red';
}

function versionOf(row: StatusRow): string {
  const versions = new Set(row.clouds.flatMap(({ version }) => (version === null ? [] : [version])));
  return [...versions].join(', ');
}

/** What the numbers below are: `tandem status --help` explains the words. */
function memoryTitle(instances: readonly InstanceState[]): string {
  const kinds = new Set(measured(instances).map(({ memoryKind }) => memoryKind));
  return kinds.has('resident') && kinds.size === 1 ? 'resident' : 'memory';
}

/**
 * `58 MB / 256 MB`, percent of a core, restarts; a dash where no node has measured anything yet. The resident size has no limit
 * beside it: half of it can be pages that all copies share.
 */
function figures(instances: readonly InstanceState[]): string[] {
  const living = instances.filter(({ state }) => state !== 'failed');
  const used = living.reduce((sum, { memoryUsed }) => sum + (memoryUsed ?? 0), 0);
  const limit = living.reduce((sum, { memoryLimit }) => sum + memoryLimit, 0);
  const cpu = living.reduce((sum, { cpuPercent }) => sum + (cpuPercent ?? 0), 0);
  const restarts = instances.reduce((sum, one) => sum + one.restarts, 0);
  const known = measured(living);
  const shown = known.length > 0 ? formatBytes(used) : '–';
  const resident = known.some(({ memoryKind }) => memoryKind === 'resident');
  return [
    limit === 0 ? '' : resident ? shown : `${shown} / ${formatBytes(limit)}`,
    known.length > 0 ? `${cpu < 9.95 ? cpu.toFixed(1) : Math.round(cpu)}%` : '–',
    String(restarts),
  ];
}

function measured(instances: readonly InstanceState[]): InstanceState[] {
  return instances.filter(({ state, memoryUsed }) => state !== 'failed' && memoryUsed !== null);
}

/** Of the youngest instance: when something changed last. */
function ageOf(instances: readonly InstanceState[], now: number): string {
  const youngest = Math.max(...instances.map(({ since }) => since));
  return instances.length === 0 ? '' : formatDuration(Math.max(0, now - youngest));
}
