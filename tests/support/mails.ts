import { readdirSync, readFileSync } from 'node:fs';
import PostalMime, { type Email } from 'postal-mime';
import { root } from './tandem.ts';

/** Where notify puts mails on a local stack. */
const folder = `${root}.tandem/data/jobs/notify/mails/new`;

/** The mails to an address, the oldest first. */
export async function mailsTo(address: string): Promise<Email[]> {
  // The names are ids that begin with the time.
  const files = readdirSync(folder).sort();
  const mails = await Promise.all(files.map((file) => PostalMime.parse(readFileSync(`${folder}/${file}`))));
  return mails.filter(({ to }) => to?.some((recipient) => recipient.address === address));
}
