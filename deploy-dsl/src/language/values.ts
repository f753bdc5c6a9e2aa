/** The small notations to numbers. Every text has passed the schema's pattern; units are in the names. */

const millisecondsOf: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const bytesOf: Record<string, number> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `250ms`, `5s`, `2m`, `1.5h`. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(text) ?? [];
  return Math.round(Number(number) * (millisecondsOf[unit ?? ''] ?? Number.NaN));
}

/** `64KB`, `1MB`: powers of 1024, as nginx counts. */
export function parseSize(text: string): number {
  const [, number, unit] = /^(\d+)(KB|MB|GB)$/.exec(text) ?? [];
  return Number(number) * (bytesOf[unit ?? ''] ?? Number.NaN);
}

/** `128` (MiB), `512MB`, `2GB`. */
export function parseMemory(value: string | number): number {
  return typeof value === 'number' ? value : parseSize(value) / 1024 ** 2;
}

/** `2`, `2..8`, `2..`; an open end is null. */
export function parseCount(value: string | number): { min: number; max: number | null } {
  if (typeof value === 'number') {
    return { min: value, max: value };
  }
  const [min, max] = value.split('..');
  return { min: Number(min), max: max === undefined || max === '' ? null : Number(max) };
}

/** `50/s`, `50/s per user`, `600/m per address`. */
export function parseRateLimit(text: string) {
  const [, requests, per, by] = /^(\d+)\/([sm])(?: per (address|user))?$/.exec(text) ?? [];
  return {
    requests: Number(requests),
    per: per === 'm' ? ('minute' as const) : ('second' as const),
    by: by === 'user' ? ('user' as const) : ('address' as const),
  };
}

/** `10%`. */
export function parsePercent(text: string): number {
  return Number.parseInt(text, 10);
}

/** `3478`, `3478/udp`, `40000..40063/udp`, `40000..40063/udp shared`. */
export function parsePorts(value: string | number) {
  const [, from, to, protocol, shared] =
    /^(\d+)(?:\.\.(\d+))?(?:\/(tcp|udp))?( shared)?$/.exec(String(value)) ?? [];
  return {
    from: Number(from),
    to: Number(to ?? from),
    protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const),
    shared: shared !== undefined,
  };
}
