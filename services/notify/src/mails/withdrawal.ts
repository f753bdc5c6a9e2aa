import { write } from './letter.ts';
import type { Mail } from './mail.ts';
import { plain } from './plain.ts';

/** To somebody who had got an invitation. */
export function withdrawal({ roomName }: { roomName: string }): Mail {
  const name = plain(roomName);
  return write({
    subject: `No longer invited to “${name}”`,
    paragraphs: [
      `Your invitation to “${name}” was taken back. The link in the earlier mail no longer works.`,
    ],
    footer: 'You get this mail because you were invited to a call at Tandem.',
  });
}
