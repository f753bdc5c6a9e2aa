import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Transport } from './transport.ts';

/**
 * Into a folder on this machine, in the layout of a Maildir: `mutt -f FOLDER` shows them, and every mail program opens a
 * file in `new/`. A mail that is delivered again replaces itself.
 */
export function folderTransport(folder: string): Transport {
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'unix',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver(message, signal) {
      const { message: content } = await composer.sendMail({ ...message, signal });
      await Promise.all(['tmp', 'new', 'cur'].map((part) => mkdir(join(folder, part), { recursive: true })));
      const name = `${message.id}.eml`;
      const [unfinished, file] = [join(folder, 'tmp', name), join(folder, 'new', name)];
      await writeFile(unfinished, content);
      await rename(unfinished, file);
      return file;
    },
  };
}
