import type { ExitCode } from '../language/diagnostic.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What every command gets from the process it runs in, and nothing else. */
export interface Context {
  /** The project: the folder with the `tandem` launcher. */
  root: string;
  /** Where the user typed the command. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** Aborted by the first Ctrl-C or SIGTERM; a second one kills the process. */
  signal: AbortSignal;
}

export interface Invocation {
  args: string[];
  /** By camel-cased long flag, as commander parses them. */
  options: Record<string, string | boolean | string[] | undefined>;
}

/** One command of the CLI: its help and its entry point. Orchestrates; the logic is in the other folders. */
export interface Command {
  /** What stands after `tandem NAME`, in commander's notation: `[service]`, `<service> <count>`. */
  args: { name: string; description: string; choices?: readonly string[] }[];
  options: { flags: string; description: string; choices?: string[]; default?: string }[];
  /** Shown under the help: the line as typed, and what it does. */
  examples: { line: string; what: string }[];
  /** Further paragraphs of the help. */
  description?: string;
  /** True where it goes on until Ctrl-C, which then is its usual end: the exit code is the command's own. */
  isEndless?(options: Invocation['options']): boolean;
  run(context: Context, invocation: Invocation): Promise<ExitCode>;
}
