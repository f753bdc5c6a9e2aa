import type { SendMailOptions } from 'nodemailer';

/** A mail that is ready to go. */
export interface Message extends SendMailOptions {
  /** The same in every attempt; letters, digits and hyphens only. */
  id: string;
}

/** A way for mails out of here. */
export interface Transport {
  /**
   * Resolves, with what can be said about it in a log, when somebody else has taken the responsibility for the mail.
   *
   * @throws Rejected when it was refused for good; anything else when it may work later
   */
  deliver(message: Message, signal: AbortSignal): Promise<string>;
}
