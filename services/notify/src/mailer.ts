import type { ReceivedEvent } from '@tandem/common';
import type { Mail } from './mails/mail.ts';
import type { Transport } from './transport/transport.ts';

export interface Mailer {
  /**
   * Sends the mail that follows from an event. One that is sent again, because nobody knows whether the first attempt
   * succeeded, has the same Message-ID, date and content: who receives both can tell that they are one.
   *
   * @throws Rejected when it was refused for good
   */
  send(mail: Mail, to: string, event: ReceivedEvent<unknown>): Promise<void>;
}

const SENDER = 'Tandem';

/** @param from address of the sender */
export function createMailer(transport: Transport, from: string): Mailer {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    async send(mail, to, { id, name, occurredAt, signal, log }) {
      const date = new Date(occurredAt);
      const receipt = await transport.deliver(
        {
          ...mail,
          id,
          from: { name: SENDER, address: from },
          to: { name: '', address: to },
          messageId: `<${id}@${domain}>`,
          date: Number.isNaN(date.getTime()) ? new Date() : date,
          // Nobody's automatic answer is wanted (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        },
        signal,
      );
      log.info({ messageId: id, event: name, receipt }, 'a mail was sent');
    },
  };
}
