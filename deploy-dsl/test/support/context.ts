import { resolve } from 'node:path';
import type { Context } from '../../src/commands/command.ts';
import { type Captured, captureTerminal } from './terminal.ts';

/** The context of a command as the process would give it, with output that only collects. */
export function testContext(
  overrides: Partial<Context> = {},
  terminal: Parameters<typeof captureTerminal>[0] = {},
): Captured & { context: Context } {
  const captured = captureTerminal(terminal);
  const root = resolve(import.meta.dirname, '../../..');
  const context: Context = {
    root,
    cwd: root,
    env: {},
    terminal: captured.terminal,
    signal: new AbortController().signal,
    ...overrides,
  };
  return { ...captured, context };
}
