import { openEndedMax } from './builtin.ts';
import type { Instances, Port, RateLimit } from './model.ts';

/** Values of the model in the notation of the file: the way back from values.ts. */

/** `5s`, `2m`, `250ms`: the largest unit that leaves no rest. */
export function spellDuration(ms: number): string {
  if (ms === 0) {
    return '0s';
  }
  return inUnits(ms, [
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
    [1, 'ms'],
  ]);
}

/** `64KB`, `1MB`. */
export function spellSize(bytes: number): string {
  return inUnits(bytes, [
    [1024 ** 3, 'GB'],
    [1024 ** 2, 'MB'],
    [1024, 'KB'],
  ]);
}

/** `2`, `2..8`, `2..`. */
export function spellInstances({ min, max }: Instances): string {
  if (min === max) {
    return `${min}`;
  }
  return max === openEndedMax ? `${min}..` : `${min}..${max}`;
}

/** `50/s per user`. */
export function spellRateLimit({ requests, per, by }: RateLimit): string {
  return `${requests}/${per.charAt(0)} per ${by}`;
}

/** `3478/tcp`, `40000..40063/udp`, `40000..40063/udp shared`. */
export function spellPort({ from, to, protocol, shared }: Port): string {
  return `${from === to ? from : `${from}..${to}`}/${protocol}${shared ? ' shared' : ''}`;
}

function inUnits(amount: number, units: [size: number, unit: string][]): string {
  const fitting = units.find(([size]) => amount % size === 0);
  const [size, unit] = fitting ?? [1, ''];
  return `${amount / size}${unit}`;
}
