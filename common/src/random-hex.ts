import { randomBytes } from 'node:crypto';

const SUPPLY_BYTES = 4_096;
let supply = '';
let used = 0;

/** Random bytes as hex digits, never all of them zero; from a supply, since asking for some at a time takes ten times as long. */
export function randomHex(bytes: number): string {
  if (used + 2 * bytes > supply.length) {
    supply = randomBytes(SUPPLY_BYTES).toString('hex');
    used = 0;
  }
  const hex = supply.slice(used, used + 2 * bytes);
  used += 2 * bytes;
  return hex.startsWith('00000000') ? randomHex(bytes) : hex;
}
