import { formatAgo, formatDuration } from '../terminal/duration.ts';
import { type Column, table } from '../terminal/table.ts';
import type { Style, Terminal } from '../terminal/terminal.ts';
import { wrap } from '../terminal/text.ts';
import type { Why, WhyDeployment } from './why.ts';
import type { WhyInstance } from './why-instance.ts';
import type { NodeVerdict } from './why-nodes.ts';
import type { EdgeView } from './why-routes.ts';

/** Below this many columns the nodes are lines instead of a table. */
const narrow = 70;

/** Why a job is (not) placed, healthy and routed, as lines that fit the terminal. */
export function whyLines(terminal: Terminal, job: string, why: Why, now: number): string[] {
  const head = `${job} in ${why.cloud}: ${headline(why)}`;
  if (why.state !== 'there') return [terminal.style('bold', head)];
  const page = new Page(terminal);
  page.add(0, head, 'bold');
  if (why.deployment !== null) page.add(1, `deployment ${deploymentWords(why.deployment, now)}`);
  for (const need of why.waitsFor) page.add(1, `waits for ${need}`, 'yellow');
  nodes(page, why);
  if (why.instances.length > 0) page.section('instances');
  for (const instance of why.instances) instanceLines(page, instance, why, now);
  if (why.former.length > 0) page.section('failed before, and replaced');
  for (const instance of why.former) instanceLines(page, instance, why, now);
  page.section(why.routes.length === 0 ? 'no routes: it is not reached from outside' : 'routes');
  if (why.routes.length > 0) page.add(2, why.routes.join(', '));
  for (const edge of why.edges) edgeLines(page, edge);
  return page.lines;
}

/** Collects lines, broken at the terminal's width, what follows the first one indented below it. */
class Page {
  readonly terminal: Terminal;
  readonly lines: string[] = [];

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  add(level: number, text: string, style: Style | null = null): void {
    const indent = '  '.repeat(level);
    const room = this.terminal.tty ? Math.max(20, this.terminal.width - indent.length - 2) : text.length + 1;
    for (const [index, line] of wrap(text, room).entries()) {
      const shown = style === null ? line : this.terminal.style(style, line);
      this.lines.push(`${indent}${index === 0 ? '' : '  '}${shown}`);
    }
  }

  section(title: string): void {
    this.lines.push('');
    this.add(1, title, 'bold');
  }
}

function headline({ state, job, nodes: all }: Why): string {
  if (state === 'missing') return 'it is not deployed: `./tandem deploy` starts it';
  if (state === 'stopped' || job === null) return 'it was stopped: `./tandem deploy` starts it again';
  const ready = `${job.ready} of ${job.wanted} ${job.wanted === 1 ? 'instance' : 'instances'} ready`;
  const full = job.ready < job.wanted && all.every(({ against }) => against.length > 0);
  return full ? `${ready}, and no node takes another` : ready;
}

function deploymentWords(deployment: WhyDeployment, now: number): string {
  const { status, description, over, healthy, wanted, placed, unhealthy, canaries, deadline } = deployment;
  if (over) return `${status}: ${description}`;
  const left = deadline === null ? Number.NaN : Date.parse(deadline) - now;
  const words = [
    `${healthy} of ${wanted} healthy`,
    ...(placed < wanted ? [`${placed} placed`] : []),
    ...(unhealthy > 0 ? [`${unhealthy} unhealthy`] : []),
    ...(canaries.wanted > 0 && !canaries.promoted ? ['its canary is not promoted yet'] : []),
    ...(left > 0 ? [`the next must be healthy within ${formatDuration(left)}`] : []),
  ];
  return `${status}: ${words.join(', ')}`;
}

function nodes(page: Page, { need, nodes: all }: Why): void {
  if (need === null) return;
  page.section(`nodes: who would take one more (${need.memoryMiB} MiB, ${need.cpuMHz} MHz)`);
  if (all.length === 0) page.add(2, 'there is none: no Nomad client has joined', 'red');
  else if (page.terminal.tty && page.terminal.width < narrow) {
    for (const node of all) page.add(2, nodeLine(node), node.against.length === 0 ? null : 'yellow');
  } else nodeTable(page, all);
}

function nodeLine({ node, instances, memoryMiB, against }: NodeVerdict): string {
  const verdict = against.length === 0 ? 'would' : against.join('; ');
  return `${node} (has ${instances}, ${memoryMiB.free} of ${memoryMiB.total} MiB free): ${verdict}`;
}

function nodeTable(page: Page, all: readonly NodeVerdict[]): void {
  const columns: Column[] = [
    { title: 'node', shrink: true },
    { title: 'class' },
    { title: 'has', align: 'right' },
    { title: 'MiB free', align: 'right' },
    { title: 'MHz free', align: 'right' },
    { title: 'one more', style: (cell) => (cell === 'yes' ? 'green' : 'yellow') },
  ];
  const rows = all.map(({ node, class: name, instances, memoryMiB, cpuMHz, against }) => [
    node,
    name || '–',
    String(instances),
    `${memoryMiB.free} of ${memoryMiB.total}`,
    `${cpuMHz.free} of ${cpuMHz.total}`,
    against.length === 0 ? 'yes' : 'no',
  ]);
  const text = table(page.terminal, columns, rows);
  page.lines.push(...text.split('\n').map((line) => `    ${line}`));
  for (const { node, against } of all) {
    if (against.length > 0) page.add(2, `${node}: ${against.join('; ')}`, 'yellow');
  }
}

const styles = { ready: 'green', starting: 'yellow', unhealthy: 'red', failed: 'red' } as const;

function instanceLines(page: Page, instance: WhyInstance, why: Why, now: number): void {
  const { id, node, state, canary, since, address, restarts, ends, replaces, event, checks, log } = instance;
  const words = [
    canary ? `${state} (canary)` : state,
    ...(address === null ? [] : [address]),
    `placed ${formatAgo(now - since)}`,
    ...(restarts > 0 ? [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`] : []),
  ];
  page.add(2, `${id.slice(0, 8)} on ${node}: ${words.join(', ')}`, styles[state]);
  if (address === null && state !== 'failed') page.add(3, 'not registered in Consul yet');
  if (replaces !== null) page.add(3, `replaces ${replaces.id.slice(0, 8)}: ${replaces.how}`);
  for (const end of ends) page.add(3, `${end.task} ended ${formatAgo(now - end.at)}: ${end.how}`);
  if (event !== null && ends.length === 0) page.add(3, event);
  for (const { name, status, output } of checks) {
    if (status === 'passing') continue;
    const every =
      why.checkEveryMs === null ? '' : `, asked every ${formatDuration(why.checkEveryMs).replace('.0', '')}`;
    page.add(3, `check "${name}" is ${status}${every}: ${oneLine(output) || 'it was not answered yet'}`);
  }
  const bar = page.terminal.unicode ? '│' : '|';
  for (const line of log) page.add(3, `${bar} ${oneLine(line)}`, 'dim');
}

function edgeLines(page: Page, edge: EdgeView): void {
  const { node, running, servers, serves, current, missing, stale } = edge;
  const name = `edge on ${node}`;
  if (!running || servers === null) {
    page.add(2, running ? `${name}: its configuration cannot be read` : `${name} does not run`, 'red');
    return;
  }
  const known =
    servers.length === 0 ? 'knows no instance, and answers 503' : `sends to ${servers.join(', ')}`;
  page.add(2, `${name} ${known}`, servers.length === 0 ? 'red' : 'green');
  if (!current) page.add(3, 'it serves by other routes than those deployed last', 'yellow');
  if (serves === null) page.add(3, 'its /healthz cannot be asked from here; read from its file');
  if (missing.length > 0) page.add(3, `healthy, and not known to it: ${missing.join(', ')}`, 'yellow');
  if (stale.length > 0) page.add(3, `known to it, and not healthy: ${stale.join(', ')}`, 'yellow');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
