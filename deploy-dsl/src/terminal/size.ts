const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/**
 * An amount of bytes for people, in steps of 1024 as services.yml counts: `0 B`, `64 KB`, `1.5 MB`, `107 MB`.
 *
 * @param bytes not negative
 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.5 would be shown as "1024" of the smaller unit.
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${units[unit]}`;
}

/** An amount of MiB, the unit of the model: `64 MB`, `1.5 GB`. */
export function formatMiB(mebibytes: number): string {
  return formatBytes(mebibytes * 1024 * 1024);
}
