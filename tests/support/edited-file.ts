import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';
import { root } from './tandem.ts';

/**
 * A copy of services.yml beside it (folders of services are relative to the file) with an edit, as an operator
 * would make one. Disposable: `using file = editedFile(…)` removes it.
 */
export function editedFile(name: string, edit: (document: Document) => void): { path: string } & Disposable {
  const document = parseDocument(readFileSync(`${root}/services.yml`, 'utf8'));
  edit(document);
  const path = `${root}/services.${name}.yml`;
  writeFileSync(path, document.toString());
  return { path, [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
