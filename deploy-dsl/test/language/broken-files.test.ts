import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contractsBelow } from '../../src/language/contract.ts';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import * as meaning from '../../src/language/errors/meaning/index.ts';
import * as syntax from '../../src/language/errors/syntax.ts';
import { findingsOf } from '../../src/language/load.ts';
import { readSource } from '../../src/language/read.ts';
import { renderDiagnostics } from '../../src/language/render.ts';

/** Files with mistakes, each with what `./tandem validate` says of it beside it. `npx vitest -u` refreshes them. */
const folder = join(import.meta.dirname, '../../../examples/broken');
const files = readdirSync(folder).filter((file) => file.endsWith('.yml'));

/** Codes that no file in a folder can show. */
const shownElsewhere = new Set(['TDM-101', 'TDM-102', 'TDM-103', 'TDM-117']);

async function diagnose(file: string): Promise<Diagnostic[]> {
  try {
    const source = await readSource(join(folder, file), file);
    return findingsOf(source, null, contractsBelow(folder)).diagnostics;
  } catch (error) {
    if (error instanceof TandemError) {
      return error.diagnostics;
    }
    throw error;
  }
}

describe('broken files', () => {
  const seen = new Set<string>();

  it.each(files)('%s gets all of its errors', async (file) => {
    const diagnostics = await diagnose(file);
    for (const { code } of diagnostics) {
      seen.add(code);
    }
    const sources = new Map([[file, readFileSync(join(folder, file), 'utf8')]]);
    const text = renderDiagnostics(diagnostics, sources, { colour: false, unicode: true, width: 100 });
    await expect(`${text}\n`).toMatchFileSnapshot(join(folder, file.replace(/\.yml$/, '.txt')));
  });

  it('there is a file for every code of the language', () => {
    const codes = [...Object.values(syntax), ...Object.values(meaning)].map(({ code }) => code);
    expect(codes.filter((code) => !seen.has(code) && !shownElsewhere.has(code))).toEqual([]);
  });
});
