import { setTimeout as sleep } from 'node:timers/promises';
import { instancesOf, readStatus, type Status } from '../inspect/status.ts';
import { instanceTable, statusTable } from '../inspect/status-view.ts';
import { exitCodes } from '../language/diagnostic.ts';
import type { Command, Context } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { requireService } from './service-argument.ts';

const refreshMs = 2_000;

/** `tandem status [service]` */
export const status: Command = {
  args: [{ name: '[service]', description: 'show the instances of this service, too' }],
  options: [
    { flags: '-w, --watch', description: 'go on showing it, every two seconds, until Ctrl-C' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem status', what: 'all services: instances, health, version, memory' },
    { line: 'tandem status rooms', what: 'the same for rooms, and each of its instances' },
    { line: 'tandem status --watch', what: 'keep an eye on it while you work' },
    { line: 'tandem status --env production --json', what: 'for a script' },
  ],
  description:
    'Instances are ready/wanted. Memory and CPU are what the instances use now, CPU in percent of one core. ' +
    'Memory of containers is what they have written themselves, against the limit at which they are killed. ' +
    'Plain processes (driver raw_exec) have no such limit, and what can be known of them is their resident memory: ' +
    'it counts the program, about 50 MB for Node, for each instance, though all share it. ' +
    'Age is that of the youngest instance. ' +
    'Ends with 1 when something that the file names is not healthy.',
  isEndless: (options) => options.watch === true && options.json !== true,
  async run(context, { args, options }) {
    const { loaded, target } = await openTarget(context, options);
    const { model } = loaded;
    const service = args[0] === undefined ? null : requireService(model, args[0]);
    const read = async () => {
      const all = await readStatus(model, target, { signal: context.signal });
      const rows = all.rows.filter((row) => row.service === service);
      return service === null ? all : { ...all, rows, healthy: rows.every(isHealthy) };
    };
    if (options.watch === true && options.json !== true) return watch(context, read, service !== null);
    const now = await read();
    if (options.json === true) context.terminal.print(JSON.stringify(now, null, 2));
    else for (const line of lines(context, now, service !== null)) context.terminal.print(line);
    return now.healthy ? exitCodes.fine : exitCodes.failed;
  },
};

function isHealthy(row: Status['rows'][number]): boolean {
  return row.clouds.every(({ state }) => state === 'healthy');
}

async function watch(context: Context, read: () => Promise<Status>, detailed: boolean) {
  const { terminal, signal } = context;
  while (!signal.aborted) {
    const shown = lines(context, await read(), detailed);
    if (terminal.interactive) terminal.screen.draw(shown.slice(0, terminal.screen.height - 1));
    else for (const line of [...shown, '']) terminal.print(line);
    await sleep(refreshMs, undefined, { signal }).catch(() => undefined);
  }
  return exitCodes.fine;
}

function lines({ terminal }: Context, status: Status, detailed: boolean): string[] {
  const now = Date.now();
  const instances = status.rows.flatMap(instancesOf);
  return [
    statusTable(terminal, status, now),
    ...(detailed && instances.length > 0 ? ['', instanceTable(terminal, instances, now)] : []),
  ].flatMap((part) => part.split('\n'));
}
