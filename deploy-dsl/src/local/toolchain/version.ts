/** A version of three numbers, for instance `[1, 11, 3]`. */
export type Version = readonly [number, number, number];

/** The first version number in a text: `Nomad v1.11.3`, `nginx/1.22.1`; null when there is none. */
export function parseVersion(text: string): Version | null {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function formatVersion(version: Version): string {
  return version.join('.');
}

/** Versions that will do: from `atLeast` up to, and without, the major version `below`. */
export interface Wanted {
  atLeast: string;
  below?: number;
}

export function isWanted(version: Version, wanted: Wanted): boolean {
  const least = parseVersion(wanted.atLeast);
  if (least === null || (wanted.below !== undefined && version[0] >= wanted.below)) return false;
  for (const [i, number] of version.entries()) {
    const floor = least[i] ?? 0;
    if (number !== floor) return number > floor;
  }
  return true;
}

/** `>= 1.11, < 2`, for people. */
export function formatWanted(wanted: Wanted): string {
  return `>= ${wanted.atLeast}${wanted.below === undefined ? '' : `, < ${wanted.below}`}`;
}
