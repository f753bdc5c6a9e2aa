/**
 * A length of time for people, in the two largest units: `340 ms`, `4.2 s`, `48 s`, `3 m 05 s`, `2 h 10 m`,
 * `5 d 3 h`.
 *
 * @param ms milliseconds, not negative
 */
export function formatDuration(ms: number): string {
  if (ms < 1000) {
    return `${Math.floor(ms)} ms`;
  }
  if (ms < 10_000) {
    return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  }
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} m ${pad(seconds % 60)} s`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return `${hours} h ${pad(minutes % 60)} m`;
  }
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * The same in whole seconds, for a clock that is redrawn: it must not jump about. `0 s`, `12 s`, `1 m 02 s`.
 *
 * @param ms milliseconds, not negative
 */
export function formatElapsed(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : formatDuration(ms);
}

/**
 * How long ago a moment was, in the largest unit: `just now`, `12 s ago`, `3 m ago`, `5 h ago`, `2 d ago`.
 *
 * @param ms milliseconds since that moment; the future counts as now, because clocks differ
 */
export function formatAgo(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 2) {
    return 'just now';
  }
  if (seconds < 60) {
    return `${seconds} s ago`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} m ago`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)} h ago`;
  }
  return `${Math.floor(seconds / 86_400)} d ago`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
