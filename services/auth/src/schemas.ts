import { StrictObject, Type } from '@tandem/common';

const Email = Type.String({ format: 'email', maxLength: 254, example: 'ada@example.org' });

/** NIST SP 800-63B: at least 8 characters, at least 64 allowed, no rules about what they are. */
const NewPassword = Type.String({ minLength: 8, maxLength: 128 });

/** Printable: no control, format or unassigned characters, and not only blanks. */
const DisplayName = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$',
});

/** 16 and 32 random bytes in base64url. */
const RefreshToken = Type.String({ pattern: '^[\\w-]{22}\\.[\\w-]{43}$' });

export const Registration = StrictObject({ email: Email, password: NewPassword, name: DisplayName });

export const Credentials = StrictObject({
  email: Email,
  password: Type.String({ minLength: 1, maxLength: 128 }),
});

export const RefreshRequest = StrictObject({ refreshToken: RefreshToken });

export const Me = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
});

export const Tokens = Type.Object({
  accessToken: Type.String({ description: 'For the header "Authorization: Bearer …"' }),
  expiresIn: Type.Integer({ description: 'Seconds the access token is valid' }),
  refreshToken: Type.String({ description: 'Exchange it once at /api/auth/refresh for new tokens' }),
});

export const SignedIn = Type.Object({ ...Tokens.properties, user: Me });

export const SessionState = Type.Object({ userId: Type.String(), sessionId: Type.String() });
