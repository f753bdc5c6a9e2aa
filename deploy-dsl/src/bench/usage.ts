import { readFile, readlink } from 'node:fs/promises';
import { hasCode, readIfPresent } from '../local/files.ts';
import { commandOf } from '../local/processes.ts';

/** What one process of the stack takes. Memory in MB (10^6 bytes). */
export interface Usage {
  pid: number;
  /** What a reader knows it by: `auth`, `RabbitMQ`, `Nomad server`. */
  part: string;
  /** It is an instance of a service of services.yml. */
  isService: boolean;
  /** Path of its program; null where it cannot be known any more. */
  program: string | null;
  residentMB: number;
  /** Nobody else's: what it has written. The rest are pages of files, mostly of its program, that all copies share. */
  ownMB: number;
  /** CPU since its start in seconds. */
  cpuS: number;
}

/** Clock ticks per second of /proc/PID/stat on Linux (USER_HZ), source: proc_pid_stat(5). */
const ticksPerSecond = 100;

/**
 * Reads what a process takes from /proc.
 *
 * @param services names of services.yml: the jobs that count as instances of a service
 * @returns null when it has ended
 */
export async function usageOf(pid: number, services: ReadonlySet<string>): Promise<Usage | null> {
  try {
    const [rollup, stat, command, environment, program] = await Promise.all([
      readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
      commandOf(pid),
      readIfPresent(`/proc/${pid}/environ`),
      readlink(`/proc/${pid}/exe`),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const megabytes = (name: string) =>
      (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024) / 1e6;
    const job = /(?:^|\0)NOMAD_JOB_NAME=([^\0]*)/.exec(environment ?? '')?.[1] ?? null;
    return {
      pid,
      part: partOf(command ?? '', job),
      isService: job !== null && services.has(job),
      program,
      residentMB: megabytes('Rss'),
      ownMB: megabytes('Anonymous'),
      cpuS: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}

/** The job says whose a process is, where the process has not overwritten its environment, as nginx and Redis do. */
function partOf(command: string, job: string | null): string {
  const words = command.split(' ');
  const program = (words[0] ?? '').split('/').at(-1)?.replace(/:$/, '') ?? '';
  switch (program) {
    case 'consul':
      return 'Consul';
    case 'nomad':
      if (words[1] !== 'agent') return "Nomad's supervisors of tasks";
      return command.includes('nomad-server') ? 'Nomad server' : 'Nomad client';
    case 'redis-server':
      return 'Redis';
    case 'nginx':
    case 'consul-template':
      return program;
    default:
      return job === 'rabbitmq' || program.startsWith('beam') ? 'RabbitMQ' : (job ?? program);
  }
}

/**
 * Memory of each process with its share of the program it has in common with others of the stack: the sum over the
 * stack is what the stack takes. (The kernel's own proportional size would also share with other stacks of the machine.)
 */
export function proportionalMB(usages: readonly Usage[]): Map<number, number> {
  const copies = new Map<string | null, number>();
  for (const { program } of usages) copies.set(program, (copies.get(program) ?? 0) + 1);
  return new Map(
    usages.map(({ pid, program, residentMB, ownMB }) => [
      pid,
      ownMB + (residentMB - ownMB) / (program === null ? 1 : (copies.get(program) ?? 1)),
    ]),
  );
}
