import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../language/diagnostic.ts';
import { bug } from '../language/errors/usage.ts';
import { renderDiagnostics } from '../language/render.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Shows diagnostics on standard error, each with an excerpt of its file. */
export async function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
  cwd: string,
): Promise<void> {
  const { colour, width } = terminal.screen;
  const sources = await readSources(diagnostics, cwd);
  terminal.printError(
    renderDiagnostics([...diagnostics], sources, { colour, unicode: terminal.unicode, width }).trimEnd(),
  );
}

/** Says that something was thrown that nobody expected; the stack only where it was asked for (TANDEM_DEBUG). */
export async function showUnexpected(
  error: unknown,
  terminal: Terminal,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  await showDiagnostics([bug(message, env.TANDEM_DEBUG ? stackOf(error) : null)], terminal, '/');
}

/** The frames of an error and of what caused it. */
function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const cause =
    error.cause === undefined ? [] : [`caused by ${String(error.cause)}`, ...stackOf(error.cause)];
  return [...(error.stack ?? '').split('\n').slice(1), ...cause];
}

/** The text of every file the diagnostics point into; a file that is gone by now is left out. */
async function readSources(diagnostics: readonly Diagnostic[], cwd: string): Promise<Map<string, string>> {
  const files = new Set(diagnostics.flatMap((diagnostic) => diagnostic.file ?? []));
  const sources = new Map<string, string>();
  for (const file of files) {
    const text = await readFile(resolve(cwd, file), 'utf8').catch(() => null);
    if (text !== null) {
      sources.set(file, text);
    }
  }
  return sources;
}
