import { resolve } from 'node:path';
import { createTerminal } from '../terminal/create.ts';
import { Interrupted } from './interrupted.ts';
import { run } from './run.ts';
import { showUnexpected } from './show.ts';
import { keepTimings } from './timings.ts';

/**
 * Ties a command to the process: signals, broken pipes, errors nobody caught, the exit code. Ends the process.
 *
 * The first SIGINT or SIGTERM aborts the command's signal, so that it leaves things whole; a second one ends the
 * process at once. A reader that goes away (`| head`) counts as the first.
 */
export async function runProcess(words: readonly string[]): Promise<void> {
  const terminal = createTerminal(process.stdout, process.stderr, process.env);
  const controller = new AbortController();
  const interrupt = (cause: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE') => {
    const interrupted = new Interrupted(cause);
    if (controller.signal.aborted && cause !== 'SIGPIPE') {
      process.exit(interrupted.exitCode);
    }
    controller.abort(interrupted);
  };

  // Whatever ends the process, the cursor is shown again.
  process.on('exit', () => terminal.screen.release());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, interrupt);
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      interrupt('SIGPIPE');
    } else {
      terminal.printError(`cannot write: ${error.message}`);
      process.exit(1);
    }
  });
  process.stderr.on('error', () => undefined);

  if (process.env.TANDEM_TIMINGS) keepTimings(process.env.TANDEM_TIMINGS);

  const unexpected = (error: unknown) => {
    showUnexpected(error, terminal, process.env).then(
      () => process.exit(1),
      () => process.exit(1),
    );
  };
  process.on('uncaughtException', unexpected);
  process.on('unhandledRejection', unexpected);

  const code = await run(words, {
    root: resolve(import.meta.dirname, '../../..'),
    cwd: process.cwd(),
    env: process.env,
    terminal,
    signal: controller.signal,
  });
  // An error of the last write (a full disk) is only told after it.
  process.stdout.write('', () => setImmediate(() => process.exit(code)));
}
