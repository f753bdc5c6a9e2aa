/** Whoever a verified access token speaks for. */
export interface User {
  id: string;
  /** The log-in the token came from. */
  sessionId: string;
}
