import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { stateOf } from '../local/state.ts';

/**
 * One service of the stack as its developer has it on the desk: a copy of its folder that can be edited, and beside the
 * stack's file another one that runs the service from the copy. The project's own files stay as they are.
 */
export class Variant {
  /** Of the file that runs the copy. */
  readonly path: string;
  /** Of the service's copy. */
  readonly folder: string;
  #edits = 0;

  private constructor(path: string, folder: string) {
    this.path = path;
    this.folder = folder;
  }

  /**
   * @param file the stack's
   * @param edit of the copy's entry, which says where the copy is already
   */
  static async make(
    { root, file, service }: { root: string; file: string; service: string },
    edit: (document: Document) => void,
  ): Promise<Variant> {
    const folder = join(stateOf(root).folder, 'bench', service);
    const path = join(dirname(file), `services.bench-${basename(file)}`);
    const document = parseDocument(await readFile(file, 'utf8'));
    const original = document.getIn(['services', service, 'directory']);
    const from = join(dirname(file), typeof original === 'string' ? original : `services/${service}`);
    await rm(folder, { recursive: true, force: true });
    await cp(from, folder, { recursive: true, verbatimSymlinks: true });
    document.setIn(['services', service, 'directory'], relative(dirname(file), folder));
    edit(document);
    await writeFile(path, document.toString());
    return new Variant(path, folder);
  }

  /** A change of the source, as small as can be: another version of the service. */
  async edit(): Promise<void> {
    await appendFile(join(this.folder, 'src/main.ts'), `// ${crypto.randomUUID()} ${++this.#edits}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }
}
