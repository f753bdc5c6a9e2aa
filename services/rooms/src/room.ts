/** What a moderator can allow to everybody who takes part. */
export const GRANTABLE = ['send', 'share-screen', 'chat'] as const;

/** What the bearer of a grant may do in the room. What a grant does not name is denied: there is no other list. */
export const PERMISSIONS = ['receive', ...GRANTABLE, 'moderate'] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Who gets in: whoever knows the id, whoever was invited or is let in by a moderator, only whoever was invited. */
export const ENTRIES = ['open', 'lobby', 'invited'] as const;

export interface Settings {
  entry: (typeof ENTRIES)[number];
  /** People without an account may come, as far as `entry` lets them. */
  guests: boolean;
  /** What those who are no moderators may do, besides receiving. */
  participantsMay: (typeof GRANTABLE)[number][];
}

export const DEFAULT_SETTINGS: Settings = { entry: 'open', guests: true, participantsMay: [...GRANTABLE] };

export interface Schedule {
  /** ISO 8601, UTC; null for a room that is just there. */
  startsAt: string | null;
  minutes: number | null;
}

export interface Room extends Schedule {
  id: string;
  name: string;
  ownerId: string;
  settings: Settings;
  createdAt: string;
  closedAt: string | null;
  /** Grows with every change of what stands above. */
  version: number;
}

/** What can be written of a room; of its settings one by one. */
export type RoomFields = Partial<Omit<Room, 'id' | 'version' | 'settings'>> & {
  settings?: Partial<Settings>;
};

/** The fields of a room's hash, with their values. An empty text stands for null. */
export function fieldsOf({ settings = {}, minutes, ...texts }: RoomFields): string[] {
  const { entry, guests, participantsMay } = settings;
  const fields: Record<string, string | null> = { ...texts };
  if (minutes !== undefined) fields.minutes = minutes === null ? null : String(minutes);
  if (entry !== undefined) fields.entry = entry;
  if (guests !== undefined) fields.guests = guests ? '1' : '';
  if (participantsMay !== undefined) fields.participantsMay = participantsMay.join(' ');
  return Object.entries(fields).flatMap(([field, value]) => [field, value ?? '']);
}

/** Null where the hash is not there. */
export function roomOf(id: string, fields: Record<string, string>): Room | null {
  const { name, ownerId, createdAt, version, startsAt, minutes, closedAt } = fields;
  if (name === undefined || ownerId === undefined || createdAt === undefined) return null;
  return {
    id,
    name,
    ownerId,
    createdAt,
    startsAt: startsAt || null,
    minutes: minutes ? Number(minutes) : null,
    closedAt: closedAt || null,
    settings: settingsOf(fields),
    version: Number(version ?? 1),
  };
}

function settingsOf({ entry, guests, participantsMay }: Record<string, string>): Settings {
  const allowed = new Set(participantsMay?.split(' '));
  return {
    entry: ENTRIES.find((known) => known === entry) ?? DEFAULT_SETTINGS.entry,
    guests: guests === undefined ? DEFAULT_SETTINGS.guests : guests === '1',
    participantsMay:
      participantsMay === undefined
        ? DEFAULT_SETTINGS.participantsMay
        : GRANTABLE.filter((permission) => allowed.has(permission)),
  };
}
