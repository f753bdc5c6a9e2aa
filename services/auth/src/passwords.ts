import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { createGate } from './gate.ts';

export interface Verdict {
  right: boolean;
  /** The password is right, and stored with other parameters than are used today: hash it again. */
  outdated: boolean;
}

export interface Passwords {
  /** @throws Problem overloaded, when too many are being hashed already */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time for an account that does not exist (`stored` is null), so that nobody learns which do.
   * @throws Problem overloaded
   */
  verify(password: string, stored: string | null): Promise<Verdict>;
}

/** As the stored text names them: memory in KiB, passes, lanes. */
interface Parameters {
  m: number;
  t: number;
  p: number;
}

/** What OWASP's Password Storage Cheat Sheet names first. */
const CURRENT: Parameters = { m: 19_456, t: 2, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** At once: 2 × 19 MiB. More would take memory and would not be faster on the cores an instance has. */
const CONCURRENT = 2;

/** Those that wait; at about 0.07 s each, the last one waits 1 s. */
const WAITING = 32;

/**
 * Hashes passwords by argon2id, a few at a time: a flood of log-ins fills a queue, never the memory. Stored in the
 * PHC string format, which carries the parameters, so that they can be raised while old hashes still work.
 */
export function createPasswords(current: Parameters = CURRENT): Passwords {
  const gate = createGate(CONCURRENT, WAITING);
  // Nobody's password. Computed like any other, so that comparing with it takes as long.
  const nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES), parameters: current };
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await gate(() => derive(password, salt, current));
      return `$argon2id$v=19$m=${current.m},t=${current.t},p=${current.p}$${write(salt)}$${write(hash)}`;
    },
    async verify(password, stored) {
      const known = stored === null ? null : parse(stored);
      const { salt, hash, parameters } = known ?? nobody;
      const derived = await gate(() => derive(password, salt, parameters));
      const right = timingSafeEqual(derived, hash) && known !== null;
      const { m, t, p } = parameters;
      return { right, outdated: right && (m !== current.m || t !== current.t || p !== current.p) };
    },
  };
}

function derive(password: string, nonce: Buffer, { m, t, p }: Parameters): Promise<Buffer> {
  const options = { nonce, memory: m, passes: t, parallelism: p, tagLength: HASH_BYTES };
  return new Promise((resolve, reject) => {
    // The same characters can be typed in several ways; NFKC makes them one (NIST SP 800-63B).
    argon2('argon2id', { message: password.normalize('NFKC'), ...options }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parse(stored: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored);
  if (match === null) throw new Error('a stored password has an unknown format');
  const [, m, t, p, salt = '', hash = ''] = match;
  return {
    parameters: { m: Number(m), t: Number(t), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

const write = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
