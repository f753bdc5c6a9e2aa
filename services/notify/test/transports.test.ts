import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rejected, Secret } from '@tandem/common';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderTransport } from '../src/transport/folder.ts';
import { smtpTransport } from '../src/transport/smtp.ts';
import type { Message } from '../src/transport/transport.ts';
import { credentials, type MailServer, startMailServer } from './mail-server.ts';

const message = (to: string, id = crypto.randomUUID()): Message => ({
  id,
  messageId: `<${id}@tandem.example>`,
  from: { name: 'Tandem', address: 'noreply@tandem.example' },
  to: { name: '', address: to },
  subject: 'Grüße',
  text: 'Text',
  html: '<p>HTML</p>',
});

const never = new AbortController().signal;

describe('by SMTP', () => {
  let server: MailServer;
  const deliver = (to: string) => smtpTransport(new Secret(server.url)).deliver(message(to), never);
  beforeAll(async () => {
    server = await startMailServer();
  });
  afterAll(() => server.stop());

  test('a mail arrives as it was written', async () => {
    await deliver('ada@example.org');
    expect(server.to('ada@example.org')).toMatchObject([
      { subject: 'Grüße', text: 'Text\n', html: '<p>HTML</p>\n' },
    ]);
  });

  test.each(['RCPT', 'DATA'] as const)('a mail that is refused for good after %s is rejected', async (at) => {
    const to = `refused-${at.toLowerCase()}@example.org`;
    server.refusals.set(to, { at, code: 550, times: 1 });
    const failure = await deliver(to).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ code: 'mail-refused', message: expect.stringContaining('550 not for') });
  });

  test.each(['RCPT', 'DATA'] as const)('one that is refused for now after %s is not', async (at) => {
    const to = `later-${at.toLowerCase()}@example.org`;
    server.refusals.set(to, { at, code: 451, times: 1 });
    const failure = await deliver(to).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ responseCode: 451 });
    await deliver(to);
    expect(server.to(to)).toHaveLength(1);
  });

  test('a wrong password rejects no mail: it can be mended', async () => {
    const url = server.url.replace(credentials.password, 'wrong');
    const failure = await smtpTransport(new Secret(url))
      .deliver(message('ada@example.org'), never)
      .catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(Rejected);
    expect(failure).toMatchObject({ code: 'EAUTH' });
    expect(String(failure)).not.toContain('wrong');
  });

  test('a server that says nothing is given up when the time is up', async () => {
    const silent = createServer((socket) => socket.resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const timeUp = new AbortController();
    silent.once('connection', () => timeUp.abort());
    const delivery = smtpTransport(new Secret(`smtp://127.0.0.1:${port}`)).deliver(
      message('ada@example.org'),
      timeUp.signal,
    );
    await expect(delivery).rejects.toThrow(/abort/i);
    silent.close();
  });
});

describe('into a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-mails-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a mail is one file that every mail program reads, also when it is delivered again', async () => {
    const transport = folderTransport(join(folder, 'mails'));
    const mail = message('ada@example.org');
    const file = await transport.deliver(mail, never);
    expect(await transport.deliver(mail, never)).toBe(file);
    expect(await readdir(join(folder, 'mails', 'new'))).toEqual([`${mail.id}.eml`]);
    expect(await readdir(join(folder, 'mails', 'tmp'))).toEqual([]);
    expect(await PostalMime.parse(await readFile(file))).toMatchObject({
      subject: 'Grüße',
      messageId: mail.messageId,
      to: [{ address: 'ada@example.org' }],
    });
  });

  test('a folder that cannot be written to fails the delivery, not for good', async () => {
    const file = await folderTransport(join(folder, 'other')).deliver(message('ada@example.org'), never);
    const failure = await folderTransport(file)
      .deliver(message('ada@example.org'), never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'ENOTDIR' });
    expect(failure).not.toBeInstanceOf(Rejected);
  });
});
