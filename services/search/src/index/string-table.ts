/** Many strings in two buffers: a fraction of the memory of as many JavaScript strings, shared between threads. */
export interface StringTable {
  /** UTF-16 code units of all strings, one after the other. */
  units: Uint16Array;
  /** Where each string begins; one more than there are strings. */
  starts: Uint32Array;
}

export function packStrings(strings: readonly string[]): StringTable {
  const starts = sharedUint32(strings.length + 1);
  for (const [index, string] of strings.entries()) starts[index + 1] = (starts[index] ?? 0) + string.length;
  const units = sharedUint16(starts[strings.length] ?? 0);
  let at = 0;
  for (const string of strings) {
    for (let index = 0; index < string.length; index++) units[at++] = string.charCodeAt(index);
  }
  return { units, starts };
}

export function stringAt({ units, starts }: StringTable, index: number): string {
  return String.fromCharCode(...units.subarray(starts[index], starts[index + 1]));
}

export function countOf({ starts }: StringTable): number {
  return starts.length - 1;
}

/**
 * In a sorted table, the place of the first string that is not before `wanted`.
 *
 * @returns 0 … count
 */
export function lowerBound(table: StringTable, wanted: string): number {
  let low = 0;
  let high = countOf(table);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(table, middle, wanted)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore({ units, starts }: StringTable, index: number, wanted: string): boolean {
  const start = starts[index] ?? 0;
  const length = (starts[index + 1] ?? 0) - start;
  const common = Math.min(length, wanted.length);
  for (let at = 0; at < common; at++) {
    const difference = (units[start + at] ?? 0) - wanted.charCodeAt(at);
    if (difference !== 0) return difference < 0;
  }
  return length < wanted.length;
}

/** How a string of a table stands to one of another, as JavaScript compares strings. @returns below 0 when it is before it */
export function compareAt(
  one: StringTable | undefined,
  place: number,
  other: StringTable | undefined,
  otherPlace: number,
): number {
  let at = one?.starts[place] ?? 0;
  let otherAt = other?.starts[otherPlace] ?? 0;
  const end = one?.starts[place + 1] ?? 0;
  const otherEnd = other?.starts[otherPlace + 1] ?? 0;
  while (at < end && otherAt < otherEnd) {
    const difference = (one?.units[at++] ?? 0) - (other?.units[otherAt++] ?? 0);
    if (difference !== 0) return difference;
  }
  return end - at - (otherEnd - otherAt);
}

export function sharedUint32(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

export function sharedUint16(length: number): Uint16Array {
  return new Uint16Array(new SharedArrayBuffer(length * 2));
}

export function sharedUint8(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}
