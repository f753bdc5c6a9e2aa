import { type CallServer, mayCarryCalls, readCallServers } from '../cluster/call-servers.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { callServerUnknown, carriesNoCalls } from '../language/errors/calls.ts';
import { badCount } from '../language/errors/service.ts';
import { parseDuration } from '../language/values.ts';
import { cancelDrain, drainServer, short, wordsFor } from '../operate/drain.ts';
import { createProgress } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Command } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

const standardDeadline = '2m';

/** `tandem drain <service|instance>` */
export const drain: Command = {
  args: [
    { name: '<what>', description: 'service of the file, or the beginning of the id of a media server' },
  ],
  options: [
    {
      flags: '--deadline <time>',
      description: `how long to wait for the calls to move (default: ${standardDeadline})`,
    },
    { flags: '--cancel', description: 'let calls come to it again' },
    jsonOption,
    ...environmentOptions,
  ],
  examples: [
    { line: 'tandem drain media', what: 'which media server carries which calls' },
    {
      line: 'tandem drain 3f2a91c0',
      what: 'move the calls of one to the others, and wait until it is empty',
    },
    { line: 'tandem drain 3f2a91c0 --cancel', what: 'let calls come to it again' },
  ],
  description:
    'Moves the calls of a media server to the others: people notice nothing, or a blink. It takes no new ones until --cancel, or ' +
    'until it is replaced. With the name of a service nothing is changed: its media servers are listed with their calls. ' +
    'Ends with 1 when calls are left at the deadline, or have nowhere to go. Ctrl-C leaves the drain as it is.',
  async run(context, { args: [what = ''], options }) {
    const { loaded, target } = await openTarget(context, options);
    const { services } = loaded.model;
    const { signal, terminal } = context;
    const deadlineMs = deadlineOf(options.deadline);
    const named = Object.hasOwn(services, what) ? services[what] : undefined;
    const asked = named === undefined ? Object.values(services).filter(mayCarryCalls) : [named];
    const found = await Promise.all(asked.map(({ name }) => readCallServers(name, target.clouds, signal)));
    const servers = found.flat();
    if (named !== undefined) {
      if (!mayCarryCalls(named)) throw new TandemError([carriesNoCalls(what)], exitCodes.badInput);
      if (options.json === true) terminal.print(JSON.stringify({ servers }, null, 2));
      else showServers(terminal, servers);
      return exitCodes.fine;
    }
    const server = requireServer(servers, what);
    const progress = createProgress(terminal);
    const step = progress.step(`${options.cancel === true ? 'take back' : 'drain'} ${short(server)}`);
    try {
      if (options.cancel === true) await cancelDrain(server, signal);
      else {
        const others = servers.filter(({ service }) => service === server.service);
        await drainServer(server, others, { deadlineMs, step, signal });
      }
      step.done(options.cancel === true ? 'takes calls again' : `${wordsFor(server)} moved, it is empty`);
    } catch (error) {
      step.fail();
      throw error;
    } finally {
      progress.close();
    }
    return exitCodes.fine;
  },
};

/** @throws TandemError (exit 2) */
function deadlineOf(given: unknown): number {
  const text = typeof given === 'string' ? given : standardDeadline;
  if (!/^\d{1,6}(ms|s|m|h)$/.test(text))
    throw new TandemError([badCount('--deadline', text, 'a time such as 30s or 10m')], exitCodes.badInput);
  return parseDuration(text);
}

/** @throws TandemError (exit 2) */
function requireServer(servers: readonly CallServer[], id: string): CallServer {
  const matching = servers.filter((each) => each.id.startsWith(id));
  const [server] = matching;
  if (server === undefined || matching.length > 1)
    throw new TandemError(
      [callServerUnknown(id, matching.map(short), servers.map(short))],
      exitCodes.badInput,
    );
  return server;
}

function showServers(terminal: Terminal, servers: readonly CallServer[]): void {
  if (servers.length === 0) {
    terminal.print('no media server runs');
    return;
  }
  const columns = [
    { title: 'instance' },
    { title: 'cloud' },
    { title: 'state' },
    { title: 'carries' },
    { title: 'rooms', shrink: true },
  ];
  const rows = servers.map((server) => [
    ...[short(server), server.cloud, server.draining ? 'draining' : 'takes calls', wordsFor(server)],
    server.calls.map(({ room }) => room).join(' '),
  ]);
  terminal.print(table(terminal, columns, rows));
}
