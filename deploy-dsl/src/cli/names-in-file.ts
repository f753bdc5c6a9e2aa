import { readFile } from 'node:fs/promises';
import { isMap, isScalar, parseDocument } from 'yaml';

/** A file beyond this is not worth a wait at the prompt. */
const largestBytes = 2_000_000;

/**
 * The keys under `services:` and `environments:` of a YAML file, for shell completion: as far as the file can be
 * read, however broken it is just now.
 */
export async function namesInFile(file: string): Promise<{ services: string[]; environments: string[] }> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.length > largestBytes) {
    return { services: [], environments: [] };
  }
  const { contents } = parseDocument(text, { strict: false, uniqueKeys: false, logLevel: 'silent' });
  const keysOf = (name: string) => {
    const section: unknown = isMap(contents) ? contents.get(name) : undefined;
    return isMap(section) ? section.items.flatMap(({ key }) => (isScalar(key) ? String(key.value) : [])) : [];
  };
  return { services: keysOf('services'), environments: keysOf('environments') };
}
