import type { Diagnostic } from './diagnostic.ts';

/** In the order of the file; without a place first. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    (a.range?.start.line ?? 0) - (b.range?.start.line ?? 0) ||
    (a.range?.start.column ?? 0) - (b.range?.start.column ?? 0) ||
    a.code.localeCompare(b.code)
  );
}
