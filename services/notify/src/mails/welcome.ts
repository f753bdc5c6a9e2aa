import { write } from './letter.ts';
import type { Mail } from './mail.ts';
import { plain } from './plain.ts';

export interface Welcome {
  /** As it was given at registration. */
  name: string;
  publicUrl: string;
}

/** To the address of a new account; also for whoever reads it and did not open the account. */
export function welcome({ name, publicUrl }: Welcome): Mail {
  return write({
    subject: 'Your Tandem account',
    paragraphs: [`Hello ${plain(name)},`, 'an account with this address was opened at Tandem. Welcome!'],
    link: { text: 'Open Tandem', url: `${publicUrl}/` },
    footer: 'If it was not you, somebody mistyped their address: you need not do anything.',
  });
}
