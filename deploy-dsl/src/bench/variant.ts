import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';

/**
 * Variants of the project's services.yml, one after the other in the same file beside it, as an operator's edits
 * would be: folders of services are relative to the file.
 */
export class Variant {
  readonly path: string;
  readonly #root: string;

  constructor(root: string, name: string) {
    this.#root = root;
    this.path = join(root, `services.bench-${name}.yml`);
  }

  async write(edit: (document: Document) => void): Promise<void> {
    const document = parseDocument(await readFile(join(this.#root, 'services.yml'), 'utf8'));
    edit(document);
    await writeFile(this.path, document.toString());
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
