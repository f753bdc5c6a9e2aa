import { expect } from 'vitest';
import { type Diagnostic, exitCodes, type Range, TandemError } from '../../src/language/diagnostic.ts';
import { catalogue } from '../../src/language/errors/catalogue.ts';
import { findingsOf } from '../../src/language/load.ts';
import { decode } from '../../src/language/read.ts';
import { renderDiagnostics } from '../../src/language/render.ts';

const file = 'services.yml';
const kinds = new Map(
  catalogue().flatMap(({ kinds }) => kinds.map(({ code, severity }) => [code, severity])),
);

/** What is wrong with these bytes, over all environments. Whatever else is thrown is a fault of ours. */
export function diagnose(bytes: Uint8Array | string): Diagnostic[] {
  try {
    return findingsOf(decode(Buffer.from(bytes), file), null).diagnostics;
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    expect(error.exitCode).toBe(exitCodes.badInput);
    expect(error.diagnostics).not.toEqual([]);
    return error.diagnostics;
  }
}

/** The codes, in the order of the file. */
export const codes = (bytes: Uint8Array | string) => diagnose(bytes).map(({ code }) => code);

/** Every message is one of the catalogue, points into the file, and can be shown on any screen. */
export function expectSound(diagnostics: Diagnostic[], bytes: Uint8Array | string): void {
  const text = new TextDecoder().decode(Buffer.from(bytes));
  const lines = text.split('\n');
  for (const { code, severity, title, caption, range, labels } of diagnostics) {
    expect(severity, code).toBe(kinds.get(code));
    expect(title).not.toBe('');
    for (const words of [title, caption ?? '']) expect(words).not.toMatch(/\b(undefined|NaN|\[object)\b/);
    for (const place of [range, ...labels.map((label) => label.range)]) {
      if (place !== null) expectInside(place, lines);
    }
  }
  const sources = new Map([[file, text]]);
  for (const width of [20, 100]) {
    const shown = renderDiagnostics(diagnostics, sources, { colour: false, unicode: true, width });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach the screen
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    expect(renderDiagnostics(diagnostics, sources, { colour: false, unicode: false, width })).toMatch(
      /^[\n\x20-\x7e]*$/,
    );
  }
}

function expectInside({ start, end }: Range, lines: string[]): void {
  for (const { line, column } of [start, end]) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
  }
  const isForwards = start.line < end.line || (start.line === end.line && start.column <= end.column);
  expect(isForwards).toBe(true);
}
