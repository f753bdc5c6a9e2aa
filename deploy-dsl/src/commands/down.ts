import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { stackBusy } from '../language/errors/local.ts';
import { tryLock } from '../local/lock.ts';
import { requireLinux } from '../local/platform.ts';
import { stateOf } from '../local/state.ts';
import { purge, takeDown } from '../local/take-down.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Command } from './command.ts';

/** `tandem down` */
export const down: Command = {
  args: [],
  options: [
    {
      flags: '--purge',
      description: 'also remove its data, logs and builds (.tandem/); the toolchain stays',
    },
  ],
  examples: [
    { line: 'tandem down', what: 'stop everything that `up` started; the data stays for the next `up`' },
    { line: 'tandem down --purge', what: 'and start from nothing the next time' },
  ],
  description:
    'Stops the edge first, then the services, then Redis and RabbitMQ, then Nomad and Consul. Works even when Nomad hangs ' +
    'or was killed: what is left of the stack is found by its own marks, and nothing else is touched.',
  async run({ root, terminal }, { options }) {
    requireLinux();
    const state = stateOf(root);
    const lock = await tryLock(state.lock);
    if ('heldBy' in lock) throw new TandemError([stackBusy(lock.heldBy)]);
    const progress = createProgress(terminal);
    try {
      const stopped = await takeDown(root, progress);
      progress.close();
      const nothing = stopped.agents === 0 && stopped.leftovers.length === 0;
      terminal.print(nothing ? 'Nothing of this stack runs.' : 'Everything of this stack is stopped.');
      if (options.purge === true) {
        await purge(root);
        terminal.print(`Removed ${state.folder}: data, logs and builds.`);
      }
      return exitCodes.fine;
    } finally {
      progress.close();
      await lock.release();
    }
  },
};
