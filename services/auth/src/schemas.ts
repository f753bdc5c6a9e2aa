import { StrictObject, Type } from '@tandem/common';

const Email = Type.String({ format: 'email', maxLength: 254, example: 'ada@example.org' });

/** NIST SP 800-63B: at least 8 characters, at least 64 allowed, no rules about what they are. */
const NewPassword = Type.String({ minLength: 8, maxLength: 128 });

const Password = Type.String({ minLength: 1, maxLength: 128 });

/** Printable: no control, format or unassigned characters, and not only blanks. */
const DisplayName = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^[^\\p{C}]*[^\\p{C}\\p{Z}][^\\p{C}]*$',
});

/** 16 and 32 random bytes in base64url. */
const RefreshToken = Type.String({ pattern: '^[\\w-]{22}\\.[\\w-]{43}$' });

export const Registration = StrictObject({ email: Email, password: NewPassword, name: DisplayName });

export const NewGuest = StrictObject({ name: DisplayName });

export const Credentials = StrictObject({ email: Email, password: Password });

export const RefreshRequest = StrictObject({ refreshToken: RefreshToken });

export const PasswordChange = StrictObject({ password: Password, newPassword: NewPassword });

export const Me = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String({ description: 'As it was given at registration; the profile has the present one' }),
  createdAt: Type.String({ format: 'date-time' }),
});

export const Guest = Type.Object({ id: Type.String(), name: Type.String() });

export const Tokens = Type.Object({
  accessToken: Type.String({ description: 'For the header "Authorization: Bearer …"' }),
  expiresIn: Type.Integer({ description: 'Seconds the access token is valid' }),
  refreshToken: Type.String({ description: 'Exchange it once at /api/auth/refresh for new tokens' }),
});

export const SignedIn = Type.Object({ ...Tokens.properties, user: Me });

export const GuestSignedIn = Type.Object({ ...Tokens.properties, user: Guest });

export const SessionParams = Type.Object({ id: Type.String({ pattern: '^[\\w-]{22}$' }) });

export const SessionsQuery = StrictObject({
  others: Type.Boolean({ default: false, description: 'All but the one that this request belongs to' }),
});

export const SessionList = Type.Object({
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      current: Type.Boolean({ description: 'The one that this request belongs to' }),
      openedAt: Type.String({ format: 'date-time' }),
      usedAt: Type.String({ format: 'date-time', description: 'When its tokens were exchanged last' }),
      agent: Type.String({ description: 'What the program called itself that logged in; may be empty' }),
    }),
  ),
});

export const SessionState = Type.Object({
  userId: Type.String(),
  sessionId: Type.String(),
});
