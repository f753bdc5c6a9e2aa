import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html } from '../src/mails/html.ts';
import { invitation } from '../src/mails/invitation.ts';
import { plain } from '../src/mails/plain.ts';
import { welcome } from '../src/mails/welcome.ts';
import { withdrawal } from '../src/mails/withdrawal.ts';

const toStandup = {
  roomId: 'room-1',
  roomName: 'Standup',
  inviterName: 'Ada Lovelace',
  code: 'opensesame',
  startsAt: '2026-11-22T14:30:00.000Z',
  minutes: 30,
  publicUrl: 'https://tandem.example',
};

describe('an invitation', () => {
  test('says who invites to what and when, and has the link in both forms', () => {
    const mail = invitation(toStandup);
    expect(mail.subject).toBe('Ada Lovelace invites you to “Standup”');
    expect(mail.text).toBe(
      [
        'Ada Lovelace invites you to the call “Standup”.',
        'When: Sunday, 22 November 2026 at 14:30 UTC, 30 minutes',
        'Join the call: https://tandem.example/r/room-1#code=opensesame',
        '-- \nAda Lovelace entered your address at Tandem to invite you to this call.\n',
      ].join('\n\n'),
    );
    expect(mail.html).toContain('href="https://tandem.example/r/room-1#code=opensesame"');
  });

  test('leaves out what is not known', () => {
    const { inviterName: _, ...rest } = toStandup;
    const mail = invitation({ ...rest, code: null, startsAt: null, minutes: null });
    expect(mail.subject).toBe('You are invited to “Standup”');
    expect(mail.text).not.toContain('When');
    expect(mail.text).toContain('https://tandem.example/r/room-1\n');
  });

  test.each(['2016-12-31T23:59:60Z', 'soon'])('names no time that no calendar has: %s', (startsAt) => {
    expect(invitation({ ...toStandup, startsAt }).text).not.toContain('When');
  });

  test('keeps hostile ids inside the link', () => {
    const { text } = invitation({ ...toStandup, roomId: '../../x?y#z', code: '"><script>' });
    expect(text).toContain('https://tandem.example/r/..%2F..%2Fx%3Fy%23z#code=%22%3E%3Cscript%3E');
  });
});

describe('names in a mail', () => {
  test.each([
    ['two\r\nBcc: x', 'two Bcc: x'],
    ['right\u202Eto left', 'rightto left'],
    ['  much \t\u2028 room ', 'much room'],
    ['\uD800 alone', '\uFFFD alone'],
    ['👩‍💻 and می‌خواهم', '👩‍💻 and می‌خواهم'],
    ['win at http://evil.example now', 'win at http\u200B://evil\u200B.example now'],
    ['write to x@evil.example', 'write to x\u200B@evil\u200B.example'],
    ['a'.repeat(81), `${'a'.repeat(79)}…`],
    ['😀'.repeat(90), `${'😀'.repeat(79)}…`],
    ['', ''],
  ])('%j is shown as %j', (name, shown) => {
    expect(plain(name)).toBe(shown);
  });

  test('whatever they are, the subject is one short line and no markup gets through', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom('<script>alert(1)</script>', '"onload="x', "'>&amp;<img src=x>", 'x'.repeat(1_000_000)),
    );
    fc.assert(
      fc.property(names, names, (roomName, name) => {
        for (const [at, { subject, text, html: markup }] of mailsWith(roomName, name).entries()) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
          expect(subject).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
          expect([...subject].length).toBeLessThan(400);
          expect(text.length).toBeLessThan(4_000);
          expect(tagsOf(markup)).toEqual(tagsOf(harmless[at]?.html ?? ''));
        }
      }),
    );
  });
});

const mailsWith = (roomName: string, name: string) => [
  invitation({ ...toStandup, roomName, inviterName: name }),
  withdrawal({ roomName }),
  welcome({ name, publicUrl: 'https://tandem.example' }),
];
const harmless = mailsWith('Standup', 'Ada');
const tagsOf = (markup: string) => markup.match(/<[a-z]+/gi);

test('what is put into HTML is escaped once, unless it is HTML', () => {
  expect(String(html`<p title="${'"<&'}">${html`<b>${"it's"}</b>`}</p>`)).toBe(
    '<p title="&quot;&lt;&amp;"><b>it&#39;s</b></p>',
  );
});
