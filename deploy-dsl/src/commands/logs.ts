import type { LogEntry, LogRequest } from '../inspect/log-entry.ts';
import { isSelective, type LogFilter, parsePattern, parseSince } from '../inspect/log-filter.ts';
import { isLevel, levels } from '../inspect/log-line.ts';
import type { LogSource } from '../inspect/log-source.ts';
import { colouredLine } from '../inspect/log-view.ts';
import { followEntries, lastEntries } from '../inspect/logs.ts';
import { expectedJobs, kindOf } from '../inspect/status.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { argumentNeeded, badCount } from '../language/errors/service.ts';
import type { Model } from '../language/model.ts';
import type { Command, Invocation } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions } from './options.ts';
import { requireService } from './service-argument.ts';

/** `tandem logs <service>` */
export const logs: Command = {
  args: [{ name: '[service]', description: 'service, or edge for the access log; none with --all' }],
  options: [
    { flags: '-f, --follow', description: 'go on with what is written, also by new instances, until Ctrl-C' },
    { flags: '-a, --all', description: 'all services and the edge’s access log' },
    { flags: '-n, --lines <count>', description: 'how many of the last lines (default: 200; 20 with -f)' },
    { flags: '--since <time>', description: 'only later lines: 10m, 2h, 14:05, 2026-11-21T14:05Z' },
    { flags: '--level <level>', description: 'this level and above', choices: Object.keys(levels) },
    { flags: '-g, --grep <text>', description: 'lines with this text, or /regular expression/' },
    { flags: '--request <id>', description: 'lines of this request; with --all across services' },
    { flags: '--instance <id>', description: 'only the instance whose id starts so' },
    { flags: '--stderr', description: 'only what was written to standard error' },
    ...environmentOptions,
    { flags: '--json', description: 'a JSON object per line, with the instance under "tandem"' },
  ],
  examples: [
    { line: 'tandem logs rooms -f', what: 'follow all instances of rooms' },
    { line: 'tandem logs rooms --level warn --since 1h', what: 'what went wrong in the last hour' },
    { line: 'tandem logs --all --request 01JD3Q', what: 'a request’s way through all services' },
    { line: 'tandem logs edge --grep "/ 5\\d\\d /"', what: 'answers of the 500s in the access log' },
    { line: 'tandem logs auth --instance 5f3a --stderr', what: 'last words of one instance' },
  ],
  description:
    'Lines of all instances are interleaved by time, those of instances that have ended included. A text for --grep in small ' +
    'letters finds capitals, too. Lines that are not JSON are shown as they are; --level takes those on standard error ' +
    'for errors. Ctrl-C ends -f with 0.',
  isEndless: (options) => options.follow === true,
  async run(context, { args, options }) {
    const { terminal, signal } = context;
    const [name] = args;
    const { loaded, target } = await openTarget(context, options);
    const { model } = loaded;
    const jobs = jobsOf(model, name, options.all === true);
    const request: LogRequest = {
      clouds: target.clouds,
      jobs,
      filter: filterOf(options),
      lines: linesOf(options),
      instance: typeof options.instance === 'string' ? options.instance.toLowerCase() : null,
      streams: options.stderr === true ? ['stderr'] : ['stdout', 'stderr'],
      signal,
    };
    const naming = jobs.length > 1 ? Math.max(...jobs.map((job) => job.length)) : 0;
    const show = ({ line, source, time }: LogEntry) => {
      if (options.json === true) terminal.print(jsonLine({ line, source, time }));
      else {
        const { job: service, instance, cloud, stream } = source;
        terminal.print(colouredLine(terminal, line, { service, instance, cloud, stream }, naming));
      }
    };
    if (options.follow === true) {
      const whose = name ?? 'any service';
      await followEntries(request, show, () => {
        terminal.printError(`there is no instance of ${whose} yet; its lines follow as soon as there is one`);
      });
      return exitCodes.fine;
    }
    const entries = await lastEntries(request);
    for (const entry of entries) show(entry);
    if (entries.length === 0) terminal.printError(nothingWords(request, name ?? 'all services'));
    return exitCodes.fine;
  },
};

/** The service’s job, the edge’s or a Redis’s; with --all those of all services and the edge. */
function jobsOf(model: Model, name: string | undefined, all: boolean): string[] {
  const known = [...new Set(model.clouds.flatMap((cloud) => expectedJobs(model, cloud.name)))];
  if (name === undefined && all) {
    return known.filter((job) => job === 'edge' || kindOf(model, job).kind === 'service');
  }
  if (name === undefined) {
    throw new TandemError(
      [argumentNeeded('./tandem logs SERVICE', 'the name of a service (or --all)')],
      exitCodes.badInput,
    );
  }
  return known.includes(name) ? [name] : [requireService(model, name)];
}

function filterOf(options: Invocation['options']): LogFilter {
  const { level, grep, request, since } = options;
  return {
    level: typeof level === 'string' && isLevel(level) ? level : null,
    grep: typeof grep === 'string' ? parsePattern(grep) : null,
    request: typeof request === 'string' && request !== '' ? request : null,
    since: typeof since === 'string' ? parseSince(since, Date.now()) : null,
  };
}

const mostLines = 100_000;

function linesOf(options: Invocation['options']): number {
  const { lines } = options;
  if (typeof lines !== 'string') return options.follow === true ? 20 : 200;
  const count = /^\d+$/.test(lines) ? Number(lines) : Number.NaN;
  if (count >= 1 && count <= mostLines) return count;
  throw new TandemError([badCount('--lines', lines, `a number from 1 to ${mostLines}`)], exitCodes.badInput);
}

/** The line's own object, or its text as `msg`, and where it comes from. */
function jsonLine({ line, source, time }: LogEntry): string {
  const { job, cloud, node, instance, stream }: LogSource = source;
  const own = line.json ?? { time, msg: line.raw };
  return JSON.stringify({ ...own, tandem: { service: job, cloud, node, instance, stream } });
}

function nothingWords({ filter, instance }: LogRequest, name: string): string {
  const narrowed = isSelective(filter) || filter.since !== null || instance !== null;
  return narrowed ? `no such lines in the logs of ${name}` : `the logs of ${name} are empty`;
}
