import { StrictObject, Type } from '@tandem/common';

/** 16 random bytes in base64url. */
const UserId = Type.String({ pattern: '^[\\w-]{22}$' });

/** Printable: no control, format or unassigned characters, and not only blanks. */
const DisplayName = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$',
});

const Color = Type.String({ pattern: '^#[0-9a-f]{6}$', example: '#2a5bb5' });

const Language = Type.String({
  pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
  maxLength: 35,
  example: 'de-AT',
});

const TimeZone = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]*$',
  maxLength: 64,
  example: 'Europe/Vienna',
});

export const UserParams = Type.Object({ id: UserId });

export const UsersQuery = StrictObject({
  ids: Type.String({
    pattern: '^[\\w-]{22}(,[\\w-]{22}){0,99}$',
    description: 'Up to 100 ids, with commas between them',
  }),
});

/** What everybody who knows the id may see. */
export const User = Type.Object({
  id: Type.String(),
  name: Type.String(),
  initials: Type.String(),
  color: Type.String({ description: '#rrggbb, behind the initials' }),
  avatar: Type.String({ description: 'Path of the picture; another one after every change' }),
});

export const UserList = Type.Object({
  users: Type.Array(User, { description: 'Those that there are, in the order of the ids' }),
});

export const OwnProfile = Type.Object({
  ...User.properties,
  hasImage: Type.Boolean(),
  language: Type.Union([Type.String(), Type.Null()]),
  timeZone: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
});

export const ProfileChanges = StrictObject(
  {
    name: Type.Optional(DisplayName),
    color: Type.Optional(Type.Union([Color, Type.Null()])),
    language: Type.Optional(Type.Union([Language, Type.Null()])),
    timeZone: Type.Optional(Type.Union([TimeZone, Type.Null()])),
  },
  { minProperties: 1, description: 'What is not named stays; null goes back to the default' },
);

export const NewImage = StrictObject({
  image: Type.String({
    pattern: '^[A-Za-z0-9+/]+={0,2}$',
    maxLength: 24_000,
    description: 'PNG, JPEG or WebP of at most 16 KiB, as base64',
  }),
});

export const AvatarQuery = StrictObject({ v: Type.Optional(Type.Integer({ minimum: 0 })) });

const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'];

/** An answer that is no JSON. */
export const Picture = {
  description: 'The picture',
  content: Object.fromEntries(PICTURE_TYPES.map((type) => [type, { schema: Type.Unsafe<Buffer>({}) }])),
};
