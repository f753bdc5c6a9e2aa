import { Rejected, type Secret } from '@tandem/common';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { Transport } from './transport.ts';

/** What the server may be silent for in one step. Together they stay below the time of a handler. */
const TIMEOUTS = {
  dnsTimeout: 5_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};

/** A mail was refused, and not the connection or the login, which are the same for every mail and can be mended. */
const REFUSALS_OF_A_MAIL = ['EENVELOPE', 'EMESSAGE'];

/**
 * To a mail server, one connection for each mail: `smtp://user:password@host:587` (STARTTLS where the server has it,
 * required with `?requireTLS=true`), `smtps://…:465`.
 */
export function smtpTransport(url: Secret): Transport {
  const transporter = createTransport({
    url: url.reveal(),
    ...TIMEOUTS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver(message, signal) {
      try {
        const { response } = await transporter.sendMail({ ...message, signal });
        return response;
      } catch (error) {
        const { code = '', permanent, message: reason }: NodemailerError = toError(error);
        if (permanent === true && REFUSALS_OF_A_MAIL.includes(code))
          throw new Rejected('mail-refused', reason);
        throw error;
      }
    },
  };
}

const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
