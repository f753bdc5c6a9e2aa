let writtenAtMs = 0;
let written = '';

/** The time in ISO 8601. Many lines and events share a millisecond, and writing it takes longer than comparing. */
export function isoNow(): string {
  const ms = Date.now();
  if (ms !== writtenAtMs) {
    writtenAtMs = ms;
    written = new Date(ms).toISOString();
  }
  return written;
}
