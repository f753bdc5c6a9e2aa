import { once } from 'node:events';
import { freePort } from '@tandem/common/testing';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail extends Email {
  /** Of the envelope. */
  recipients: string[];
  /** As it came. */
  raw: string;
}

/** What the server says instead of "OK", by recipient; 4xx means later, 5xx never. */
type Refusals = Map<string, { at: 'RCPT' | 'DATA'; code: number; times: number }>;

/** A real mail server on loopback. */
export interface MailServer {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: ReceivedMail[];
  readonly refusals: Refusals;
  /** How often somebody wanted to send something to the address. */
  attempts(recipient: string): number;
  /** The mails to this address so far. */
  to(recipient: string): ReceivedMail[];
  /** Nobody listens any more; connections end. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

export const credentials = { user: 'notify', password: 'correct-horse' };

export async function startMailServer(): Promise<MailServer> {
  const port = await freePort();
  const mails: ReceivedMail[] = [];
  const refusals: Refusals = new Map();
  const attempts = new Map<string, number>();
  let server: SMTPServer | null = null;

  function refuse(recipient: string, at: 'RCPT' | 'DATA'): Error | null {
    const refusal = refusals.get(recipient);
    if (refusal === undefined || refusal.at !== at || refusal.times < 1) return null;
    refusal.times -= 1;
    return Object.assign(new Error(`not for ${recipient}`), { responseCode: refusal.code });
  }

  async function start(): Promise<void> {
    server = new SMTPServer({
      authMethods: ['PLAIN'],
      allowInsecureAuth: true,
      hideSTARTTLS: true,
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth({ username, password }, _session, callback) {
        const known = username === credentials.user && password === credentials.password;
        callback(known ? null : new Error('who are you?'), { user: username ?? '' });
      },
      onRcptTo({ address }, _session, callback) {
        attempts.set(address, (attempts.get(address) ?? 0) + 1);
        callback(refuse(address, 'RCPT'));
      },
      onData(stream, { envelope }, callback) {
        const recipients = envelope.rcptTo.map(({ address }) => address);
        void stream
          .toArray()
          .then(async (chunks: Buffer[]) => {
            const raw = Buffer.concat(chunks).toString();
            const refusal = refuse(recipients[0] ?? '', 'DATA');
            if (refusal === null) mails.push({ ...(await PostalMime.parse(raw)), recipients, raw });
            callback(refusal);
          })
          .catch(callback);
      },
    });
    // Who sends may be killed in the middle of it.
    server.on('error', () => {});
    server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
  }

  await start();
  return {
    url: `smtp://${credentials.user}:${credentials.password}@127.0.0.1:${port}`,
    mails,
    refusals,
    attempts: (recipient) => attempts.get(recipient) ?? 0,
    to: (recipient) => mails.filter(({ recipients }) => recipients.includes(recipient)),
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (server === null) return;
      server.close(resolve);
      server = null;
      await promise;
    },
    start,
  };
}
