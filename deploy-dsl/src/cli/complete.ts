import type { Context } from '../commands/command.ts';
import type { CommandEntry } from '../commands/index.ts';

/** Candidates for the last of the words typed so far (without `tandem`), which may be empty. */
export async function complete(
  words: readonly string[],
  _context: Context,
  registry: Record<string, CommandEntry>,
): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  return words.length < 2 ? Object.keys(registry).filter((name) => name.startsWith(typed)) : [];
}
