import { write } from './letter.ts';
import type { Mail } from './mail.ts';
import { plain } from './plain.ts';

export interface Invitation {
  roomId: string;
  roomName: string;
  inviterName?: string;
  /** Opens the room; null for users, who need none. */
  code: string | null;
  /** ISO 8601; null: not scheduled. */
  startsAt: string | null;
  minutes: number | null;
  publicUrl: string;
}

/** To somebody who may enter a room from now on. */
export function invitation({ roomName, inviterName = '', startsAt, minutes, ...rest }: Invitation): Mail {
  const [room, inviter] = [plain(roomName), plain(inviterName)];
  const who = inviter === '' ? 'You are invited' : `${inviter} invites you`;
  const when = timeOf(startsAt, minutes);
  return write({
    subject: `${who} to “${room}”`,
    paragraphs: [`${who} to the call “${room}”.`, ...(when === null ? [] : [when])],
    link: { text: 'Join the call', url: linkOf(rest) },
    footer:
      inviter === ''
        ? 'Somebody entered your address at Tandem to invite you to this call.'
        : `${inviter} entered your address at Tandem to invite you to this call.`,
  });
}

/** The code stands behind the `#`: browsers send that part to no server, so that it gets into no log. */
function linkOf({ publicUrl, roomId, code }: Pick<Invitation, 'publicUrl' | 'roomId' | 'code'>): string {
  const room = `${publicUrl}/r/${encodeURIComponent(roomId)}`;
  return code === null ? room : `${room}#code=${encodeURIComponent(code)}`;
}

const format = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
});

/** Nobody knows the time zone of an address, so it is UTC, and says so. */
function timeOf(startsAt: string | null, minutes: number | null): string | null {
  const start = new Date(startsAt ?? Number.NaN);
  // A leap second is a valid time that Date does not know.
  if (Number.isNaN(start.getTime())) return null;
  const length =
    minutes === null || minutes < 1 ? '' : `, ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  return `When: ${format.format(start)}${length}`;
}
