import { openEndedMax } from '../../../src/language/builtin.ts';
import type { Instances, Port, RateLimit } from '../../../src/language/model.ts';
import { among, type Draw, maybe } from './draw.ts';

/** What a file says, before it is written as YAML: a text that is to come back as this text, a number, a map. */
export type Spelled = string | number | boolean | null | Verbatim | Spelled[] | SpelledMap;
export type SpelledMap = Map<string, Spelled>;

/** A single value that is written exactly like this: `1e3` as a number, not as a text. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The notations of single values: each has several, and one is drawn. */

const unitsOfTime = [
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
] as const;

export function spellMs(draw: Draw, ms: number): string {
  const fitting = unitsOfTime.flatMap(([unit, size]) => {
    const amount = ms / size;
    const isShort = amount <= 999_999_999 && Math.round(amount * 1_000) === amount * 1_000;
    return isShort ? [`${amount}${unit}`] : [];
  });
  return among(draw, fitting);
}

export function spellBytes(draw: Draw, bytes: number): string {
  const units = [['KB', 1024] as const, ['MB', 1024 ** 2] as const, ['GB', 1024 ** 3] as const];
  return among(
    draw,
    units.flatMap(([unit, size]) => (bytes % size === 0 ? [`${bytes / size}${unit}`] : [])),
  );
}

export function spellMiB(draw: Draw, mebibytes: number): Spelled {
  const withUnit = mebibytes <= 9_999_999 ? [`${mebibytes}MB`] : [];
  const gibibytes = mebibytes % 1024 === 0 && mebibytes > 0 ? [`${mebibytes / 1024}GB`] : [];
  return among<Spelled>(draw, [mebibytes, ...withUnit, ...gibibytes]);
}

export function spellCount(draw: Draw, { min, max }: Instances): Spelled {
  if (min === max && maybe(draw)) return min;
  return max === openEndedMax && maybe(draw) ? `${min}..` : `${min}..${max}`;
}

export function spellLimit(draw: Draw, { requests, per, by }: RateLimit): string {
  const rate = `${requests}/${per.charAt(0)}`;
  return by === 'address' && maybe(draw) ? rate : `${rate} per ${by}`;
}

export function spellPort(draw: Draw, { from, to, protocol, shared }: Port): Spelled {
  const range = from === to && maybe(draw) ? `${from}` : `${from}..${to}`;
  if (shared) return `${range}${protocol === 'udp' || maybe(draw) ? `/${protocol}` : ''} shared`;
  if (protocol === 'udp' || maybe(draw)) return `${range}/${protocol}`;
  return range === `${from}` && maybe(draw) ? from : range;
}
