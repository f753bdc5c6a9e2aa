/** Which room, and the code of an invitation by mail, which opens it. */
export interface RoomAddress {
  room: string;
  code: string | null;
}

const roomId = /^[A-Za-z0-9_-]{4,64}$/;

/**
 * Reads what a person pasted: a link to a room of this site, or its number alone.
 * @returns null for anything else
 */
export function roomOf(text: string, origin: string): RoomAddress | null {
  const trimmed = text.trim();
  if (roomId.test(trimmed)) return { room: trimmed, code: null };
  if (!URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  const room = /^\/r\/([^/]+)\/?$/.exec(url.pathname)?.[1];
  if (url.origin !== origin || room === undefined || !roomId.test(room)) return null;
  return { room, code: codeOf(url.hash) };
}

/** `/r/<room>#code=<code>`: what stands behind # is sent to nobody. */
export function pathOfRoom({ room, code }: RoomAddress): string {
  return `/r/${encodeURIComponent(room)}${code === null ? '' : `#code=${encodeURIComponent(code)}`}`;
}

/** The code in the fragment of an address. */
export function codeOf(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('code');
}
