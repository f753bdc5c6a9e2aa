/** Whoever a verified access token speaks for. */
export interface User {
  id: string;
  /** The log-in the token came from. */
  sessionId: string;
  /** Somebody without an account, under a name of their choice; null for the owner of an account. */
  guest: { name: string } | null;
}
