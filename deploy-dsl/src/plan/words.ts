import type { Terminal } from '../terminal/terminal.ts';
import { pad, truncate, widthOf, wrap } from '../terminal/text.ts';
import type { TouchedCalls } from './calls-plan.ts';
import type { Change } from './change.ts';
import type { JobPlan } from './job-plan.ts';
import { roundDuration } from './job-words.ts';
import { isEmpty, type Plan } from './plan.ts';
import { withoutRoom } from './without-room.ts';

/** One thing that changes, and what that means for what runs. */
export interface Line {
  /** `+` comes, `-` goes, `~` changes. */
  sign: '+' | '-' | '~';
  name: string;
  /** Where it does, when that is not everywhere. */
  clouds: string[];
  words: string[];
  /** `restarts 2 instances`, `no restart`. */
  effect: string;
}

/**
 * A plan for people: a line per thing that changes with what it means, one line for all that stays, one for memory and
 * connections. Without colours it reads the same.
 */
export function renderPlan(plan: Plan, terminal: Terminal): string[] {
  if (isEmpty(plan)) {
    const same = `${plan.environment} is as the file says: nothing to change.`;
    return [same, ...chosenCounts(plan).map((line) => terminal.style('dim', `    ${line}`))];
  }
  const lines = linesOf(plan);
  const signs = { '+': 'green', '-': 'red', '~': 'yellow' } as const;
  const names = lines.map(
    (line) => line.name + (line.clouds.length > 0 ? ` (${line.clouds.join(', ')})` : ''),
  );
  const nameWidth = Math.max(...names.map(widthOf));
  const indent = ' '.repeat(nameWidth + 6);
  const width = terminal.interactive ? Math.max(40, terminal.width) : Number.POSITIVE_INFINITY;
  const shown = lines.flatMap((line, index) => {
    const head = `  ${terminal.style(signs[line.sign], line.sign)} ${terminal.style('bold', pad(names[index] ?? '', nameWidth))}  `;
    const what = line.words.join(', ');
    const both = [what, line.effect].filter((part) => part !== '').join(` ${terminal.unicode ? '·' : '-'} `);
    if (widthOf(both) <= width - indent.length) {
      const effect = line.effect === '' ? '' : both.slice(both.length - line.effect.length);
      return [head + both.slice(0, both.length - effect.length) + terminal.style('dim', effect)];
    }
    const [first = '', ...rest] = [
      ...wrap(what, width - indent.length),
      ...wrap(line.effect, width - indent.length),
    ];
    return [head + first, ...rest.map((text) => indent + text)];
  });
  const summary = [unchanged(plan), ...chosenCounts(plan), figures(plan, terminal)].filter(
    (line) => line !== '',
  );
  return [
    ...shown,
    ...summary.flatMap((text) => wrap(text, width - 4).map((line) => `    ${terminal.style('dim', line)}`)),
    ...warnings(plan, terminal),
  ];
}

/** The same change in all clouds is one line. */
export function linesOf(plan: Plan): Line[] {
  const every = plan.clouds.map(({ cloud }) => cloud);
  const lines = plan.clouds.flatMap(({ cloud, jobs, edge }) => [
    ...jobs
      .filter((job) => job.action !== 'none')
      .map((job) => ({ cloud, line: jobLine(job, touchedBy(plan, cloud, job)) })),
    ...(edge.changes.length > 0 ? [{ cloud, line: edgeLine(edge.changes, edge.before === null) }] : []),
  ]);
  const merged = new Map<string, Line>();
  for (const { cloud, line } of lines) {
    const key = JSON.stringify(line);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, { ...line, clouds: [cloud] });
    else same.clouds.push(cloud);
  }
  const byCloud = [...merged.values()].map((line) =>
    line.clouds.length === every.length ? { ...line, clouds: [] } : line,
  );
  return [...secretLines(plan), ...topologyLines(plan), ...byCloud];
}

function jobLine(job: JobPlan, touched: TouchedCalls | null): Line {
  const effect = [effectWords(job), ...(touched === null ? [] : [callsWords(touched)])];
  return {
    sign: signOf(job),
    name: job.id,
    clouds: [],
    words: wordsOf(job),
    effect: effect.filter((words) => words !== '').join(', '),
  };
}

function touchedBy({ calls }: Plan, cloud: string, { id }: JobPlan): TouchedCalls | null {
  return calls?.find((each) => each.cloud === cloud && each.job === id) ?? null;
}

/** `moves 2 calls with 5 people`, `opens the lines of up to 1 call with 2 people anew`. */
function callsWords({ how, calls, people, atMost }: TouchedCalls): string {
  const many = `${calls === 1 ? '1 call' : `${calls} calls`} with ${people === 1 ? '1 person' : `${people} people`}`;
  const which = atMost ? `up to ${many}` : many;
  if (how === 'resume') return `opens the lines of ${which} anew`;
  return how === 'move' ? `moves ${which}` : `ends ${which}`;
}

function signOf(job: JobPlan): Line['sign'] {
  if (job.action === 'create' || job.action === 'start') return '+';
  return job.action === 'remove' ? '-' : '~';
}

function wordsOf(job: JobPlan): string[] {
  switch (job.action) {
    case 'create':
      return ['new'];
    case 'remove':
      return ['no longer in the file'];
    case 'resume':
      return ['an interrupted rollout goes on'];
    case 'retry':
      return ['its last rollout failed, and it is not healthy: tried again'];
    default: {
      const words = job.changes.map((each) => each.words);
      return job.drift ? [`changed since the last deploy: ${words.join(', ')}`] : words;
    }
  }
}

/** What a change means for the instances: `restarts 2 instances (…)`, `1 more, no restart`. */
export function effectWords(job: JobPlan): string {
  const { started, stopped, restarted, canaries } = job.effect;
  const system = job.spec?.Type === 'system' || job.live?.Type === 'system';
  if (job.action === 'create' || job.action === 'start')
    return system ? 'one per node' : count(job.instances.after);
  if (job.action === 'remove') return system ? 'stops on every node' : `stops ${count(stopped)}`;
  if (job.action === 'resume') return '';
  const more = started > 0 ? [`${started} more`] : stopped > 0 ? [`${stopped} fewer`] : [];
  if (restarted > 0) return [`restarts ${count(restarted)}${how(job, canaries)}`, ...more].join(', ');
  return [...more, 'no restart'].join(', ');
}

function how(job: JobPlan, canaries: number): string {
  const update = job.update;
  if (job.action === 'retry') return '';
  if (job.makesWay) return ' (stopped first: it exchanges ports with another service)';
  if (canaries > 0 && update?.canaryPercent) {
    return ` (canary first: ${update.canaryPercent} % of requests for ${roundDuration(update.bakeMs)})`;
  }
  if (canaries > 0) {
    if (job.effect.restarted === 1) return ' (the new one starts first)';
    return canaries < job.effect.restarted
      ? ' (rolling, the new one starts first)'
      : ' (the new ones start first)';
  }
  return job.effect.restarted === 1 ? ' (a short gap)' : ' (one after the other)';
}

function count(instances: number): string {
  return instances === 1 ? '1 instance' : `${instances} instances`;
}

function edgeLine(changes: Change[], first: boolean): Line {
  return {
    sign: first ? '+' : '~',
    name: 'routes',
    clouds: [],
    words: changes.map((each) => each.words),
    effect: first ? '' : 'edge reloads, no restart',
  };
}

function topologyLines({ topology }: Plan): Line[] {
  if (topology.changes.length === 0) return [];
  const words = topology.changes.map((each) => each.words);
  return [{ sign: '~', name: 'queues', clouds: [], words, effect: '' }];
}

function secretLines({ secrets }: Plan): Line[] {
  const words = secrets.map(({ service, name, generate, copyFrom, missingIn }) => {
    if (copyFrom !== null)
      return `${name} of ${service} is copied from ${copyFrom} to ${missingIn.join(', ')}`;
    return generate === null ? `${name} of ${service} is MISSING` : `${name} of ${service} is generated`;
  });
  return words.length === 0 ? [] : [{ sign: '+', name: 'secrets', clouds: [], words, effect: '' }];
}

/** All that stays, in one line. */
function unchanged(plan: Plan): string {
  const same = plan.clouds.flatMap(({ jobs }) =>
    jobs.filter((job) => job.action === 'none').map(({ id }) => id),
  );
  const differs = new Set(
    plan.clouds.flatMap(({ jobs }) => jobs.filter((job) => job.action !== 'none').map(({ id }) => id)),
  );
  const ids = [...new Set(same)].filter((id) => !differs.has(id));
  const rest = [
    ...(plan.clouds.every(({ edge }) => edge.changes.length === 0) ? ['routes'] : []),
    ...(plan.topology.changes.length === 0 && plan.connections.after > 0 ? ['queues'] : []),
  ];
  if (ids.length + rest.length === 0) return '';
  const names =
    ids.length <= 6 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} other jobs`;
  return `unchanged: ${[names, ...rest].filter((part) => part !== '').join(', ')}`;
}

/** Counts that are not the file's lowest and are left alone: a line each, so that nobody looks for them. */
function chosenCounts(plan: Plan): string[] {
  return plan.clouds.flatMap(({ cloud, jobs }) =>
    jobs.flatMap(({ id, spec, compiled, live }) => {
      const [group] = spec?.TaskGroups ?? [];
      const lowest = compiled?.spec.TaskGroups[0]?.Count;
      if (group?.Scaling === undefined || live === null || live.Stop || group.Count === lowest) return [];
      const where = plan.clouds.length > 1 ? ` in ${cloud}` : '';
      const { Min, Max } = group.Scaling;
      return [`${id}${where}: ${count(group.Count)}, within its ${Min}..${Max}, left to the autoscaler`];
    }),
  );
}

function figures(plan: Plan, terminal: Terminal): string {
  const arrow = terminal.unicode ? '→' : '->';
  const move = (before: number, after: number) =>
    before === after ? `${after}` : `${before} ${arrow} ${after}`;
  const memory = plan.clouds.map(({ cloud, memory: { before, after, peak, capacity } }) => {
    const surge = peak - Math.max(before, after);
    const where = plan.clouds.length === 1 ? '' : ` in ${cloud}`;
    return `${move(before, after)} of ${capacity} MiB${where}${surge > 0 ? ` (+${surge} while it rolls)` : ''}`;
  });
  const { before, after, limit } = plan.connections;
  const connections = before + after === 0 ? [] : [`RabbitMQ connections ${move(before, after)} of ${limit}`];
  const calls = plan.calls !== null && plan.calls.length === 0 ? ['no call is touched'] : [];
  const all = [`memory reserved ${memory.join(', ')}`, ...connections, ...calls];
  return all.join(terminal.unicode ? ' · ' : '; ');
}

/** What would stop a deploy of this plan. */
function warnings(plan: Plan, terminal: Terminal): string[] {
  const blocked = plan.topology.blocked.map(
    ({ queue, messages }) =>
      `queue ${queue} still holds ${messages === 1 ? '1 message' : `${messages} messages`}: a deploy would be refused`,
  );
  const fixed = plan.topology.fixed.map(
    ({ what, name, setting }) =>
      `${what} ${name} has another ${setting}, which cannot be changed: a deploy would be refused`,
  );
  const missing = plan.secrets
    .filter(({ generate, copyFrom }) => generate === null && copyFrom === null)
    .map(
      ({ service, name }) => `${service} needs the secret ${name}: ./tandem secret set ${service} ${name}`,
    );
  const homeless = plan.clouds.flatMap(({ cloud, jobs }) =>
    withoutRoom(jobs).map(({ id }) => `no node of ${cloud} can take ${id} now: a deploy would be refused`),
  );
  const mark = terminal.unicode ? '⚠' : '!';
  return [...blocked, ...fixed, ...missing, ...homeless].map((text) =>
    terminal.style('yellow', `  ${mark} ${text}`),
  );
}

/** `rooms: version abc → def, memory 128 → 256 MiB`, for the list of releases; one line per thing, not too long. */
export function summaryOf(plan: Plan): string[] {
  return linesOf(plan).map(({ name, clouds, words }) => {
    const where = clouds.length > 0 ? ` (${clouds.join(', ')})` : '';
    return truncate(`${name}${where}: ${words.join(', ')}`, 200, true);
  });
}
