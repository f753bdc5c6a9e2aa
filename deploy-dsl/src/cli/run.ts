import type { Command, Context, Invocation } from '../commands/command.ts';
import { type CommandEntry, commands } from '../commands/index.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { commandNotBuilt, flagBeforeCommand, unknownCommand } from '../language/errors/usage.ts';
import { suggest } from '../language/suggest.ts';
import { commandHelp, overview } from './help.ts';
import { Interrupted, isInterruption } from './interrupted.ts';
import { showDiagnostics, showUnexpected } from './show.ts';
import { tandemVersion } from './tandem-version.ts';

/**
 * Runs what stands after `tandem` and shows what goes wrong. Never throws.
 *
 * @param registry the commands there are; tests give their own
 * @returns the exit code: the command's own, or 130 and the like after an interruption
 */
export async function run(
  words: readonly string[],
  context: Context,
  registry: Record<string, CommandEntry> = commands,
): Promise<number> {
  let options: Invocation['options'] = {};
  let isEndless = false;
  try {
    const code = await dispatch(words, context, registry, (parsed, command) => {
      options = parsed;
      isEndless = command.isEndless?.(parsed) ?? false;
    });
    return isEndless ? code : (interruptedCode(context.signal) ?? code);
  } catch (error) {
    if (isEndless && isInterruption(error, context.signal)) return exitCodes.fine;
    return await explain(error, context, options.json === true);
  } finally {
    context.terminal.screen.release();
  }
}

async function dispatch(
  words: readonly string[],
  context: Context,
  registry: Record<string, CommandEntry>,
  parsed: (options: Invocation['options'], command: Command) => void,
): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || first === '--help' || first === '-h') {
    context.terminal.print(overview(registry, context.terminal));
    return exitCodes.fine;
  }
  if (first === 'help') {
    const [topic] = rest;
    return dispatch(topic === undefined ? ['--help'] : [topic, '--help'], context, registry, parsed);
  }
  if (first === '--version' || first === '-V') {
    context.terminal.print(`tandem ${tandemVersion()}`);
    return exitCodes.fine;
  }
  if (first === '__complete') {
    const { complete } = await import('./complete.ts');
    for (const line of await complete(rest, context, registry)) {
      context.terminal.print(line);
    }
    return exitCodes.fine;
  }
  if (first.startsWith('-')) {
    throw new TandemError([flagBeforeCommand(first)], exitCodes.badInput);
  }
  const entry = Object.hasOwn(registry, first) ? registry[first] : undefined;
  if (entry === undefined) {
    throw new TandemError([unknownCommand(first, suggest(first, Object.keys(registry)))], exitCodes.badInput);
  }
  const command = await load(first, entry);
  // The overview and completion do without commander, which takes a moment to load.
  const { parse } = await import('./parse.ts');
  const invocation = parse(first, command, rest);
  if (invocation === null) {
    context.terminal.print(commandHelp(first, entry, command, context.terminal));
    return exitCodes.fine;
  }
  parsed(invocation.options, command);
  performance.mark('started');
  return await command.run(context, invocation);
}

async function load(name: string, entry: CommandEntry): Promise<Command> {
  try {
    return await entry.load();
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    if (isGone && error.message.includes(`/commands/${name}.ts'`)) {
      throw new TandemError([commandNotBuilt(name)]);
    }
    throw error;
  }
}

/** Shows an error as far as it is one; machine-readable on standard output where the command was asked for JSON. */
async function explain(error: unknown, context: Context, json: boolean): Promise<number> {
  const interrupted = interruptedCode(context.signal);
  if (error instanceof TandemError) {
    if (json) {
      context.terminal.print(JSON.stringify({ diagnostics: error.diagnostics }, null, 2));
    } else {
      await showDiagnostics(error.diagnostics, context.terminal, context.cwd);
    }
    return interrupted ?? error.exitCode;
  }
  if (interrupted !== null && isInterruption(error, context.signal)) {
    return interrupted;
  }
  await showUnexpected(error, context.terminal, context.env);
  return exitCodes.failed;
}

function interruptedCode(signal: AbortSignal): number | null {
  return signal.aborted && signal.reason instanceof Interrupted ? signal.reason.exitCode : null;
}
