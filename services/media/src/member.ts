import { hash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { EventLog } from './event-log.ts';

/** Whoever is told what happens in a room. It is known by a token that only the answer to its coming holds. */
export class Member {
  readonly id = randomUUID();
  readonly events = new EventLog();
  readonly #tokenDigest: Buffer;

  protected constructor(token: string) {
    this.#tokenDigest = digest(token);
  }

  hasToken(token: string): boolean {
    return timingSafeEqual(this.#tokenDigest, digest(token));
  }
}

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
