import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { problems } from '@tandem/common';

export interface Passwords {
  /** @throws Problem overloaded, when too many are being hashed already */
  hash(password: string): Promise<string>;
  /**
   * Takes the same time for an account that does not exist (`stored` is null), so that nobody learns which do.
   * @throws Problem overloaded
   */
  verify(password: string, stored: string | null): Promise<boolean>;
}

interface Parameters {
  /** log2 of the cost N. */
  ln: number;
  r: number;
  p: number;
}

/**
 * OWASP's Password Storage Cheat Sheet names N=2^17 r=8 p=1 first and others as equally strong; this is the one that
 * takes 16 MiB instead of 128, which is what lets the service stay small.
 */
const CURRENT: Parameters = { ln: 14, r: 8, p: 5 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** At once: 2 × 16 MiB. More would take memory and would not be faster on the cores an instance has. */
const CONCURRENT = 2;

/** Those that wait; at about 0.2 s each, the last one waits 3 s. */
const WAITING = 32;

/** Hashes passwords by scrypt, a few at a time: a flood of log-ins fills a queue, never the memory. */
export function createPasswords(): Passwords {
  const gate = createGate(CONCURRENT, WAITING);
  // Nobody's password. Computed like any other, so that comparing with it takes as long.
  const nobody = { salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES), parameters: CURRENT };
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await gate(() => derive(password, salt, CURRENT));
      return `$scrypt$ln=${CURRENT.ln},r=${CURRENT.r},p=${CURRENT.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
    },
    async verify(password, stored) {
      const known = stored === null ? null : parse(stored);
      const { salt, hash, parameters } = known ?? nobody;
      const derived = await gate(() => derive(password, salt, parameters));
      return timingSafeEqual(derived, hash) && known !== null;
    },
  };
}

function derive(password: string, salt: Buffer, { ln, r, p }: Parameters): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    // The same characters can be typed in several ways; NFKC makes them one (NIST SP 800-63B).
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function parse(stored: string) {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored);
  if (match === null) throw new Error('a stored password has an unknown format');
  const [, ln, r, p, salt = '', hash = ''] = match;
  return {
    parameters: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
}

/** Lets so many run at once and so many wait; everybody else is refused. */
function createGate(concurrent: number, waiting: number) {
  let running = 0;
  const queue: (() => void)[] = [];
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= concurrent) {
      if (queue.length >= waiting) throw problems.overloaded(undefined, { headers: { 'retry-after': '2' } });
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in the queue, or becomes free.
      const next = queue.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
