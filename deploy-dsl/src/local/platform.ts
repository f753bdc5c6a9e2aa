import { TandemError } from '../language/diagnostic.ts';
import { badOffset, onlyLinux } from '../language/errors/local.ts';
import { largestOffset } from './ports.ts';
import type { Stack } from './stack.ts';

/** Processes, ports and control groups are looked up in /proc. */
export function requireLinux(platform: string = process.platform): void {
  if (platform !== 'linux') throw new TandemError([onlyLinux(platform)]);
}

/** What the option says, else TANDEM_PORT_OFFSET, else what the stack has, else 0. */
export function portOffsetOf(
  option: string | undefined,
  env: NodeJS.ProcessEnv,
  stack: Pick<Stack, 'portOffset'> | null,
): number {
  const text = option ?? (env.TANDEM_PORT_OFFSET || undefined);
  if (text === undefined) return stack?.portOffset ?? 0;
  const offset = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(offset <= largestOffset)) throw new TandemError([badOffset(text, largestOffset)], 2);
  return offset;
}
