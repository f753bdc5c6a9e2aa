import { createPublicKey, type KeyObject } from 'node:crypto';
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_TYPE, createVerifier, issuerOf } from '@tandem/common';
import { createTokenIssuer } from '@tandem/common/testing';
import tokens from 'jsonwebtoken';
import { type Bench, type Figure, figure, type Target } from './bench.ts';
import { median } from './statistics.ts';

/** Who sends requests, as one instance of a service sees it in ten minutes, which is how long a token lives. */
interface Crowd {
  name: string;
  tokens: number;
  /** Requests with each token. */
  requests: number;
  target: Target | null;
}

const crowds: Crowd[] = [
  { name: 'a call: 8 people, again and again', tokens: 8, requests: 500, target: { atLeast: 10 } },
  { name: 'an office: 500 people, 40 requests each', tokens: 500, requests: 40, target: { atLeast: 10 } },
  { name: 'every token new', tokens: 4_000, requests: 1, target: null },
];

const turns = 5;

/** What it takes to know who sends a request: through common, which remembers verified tokens, and by `jsonwebtoken` alone. */
export const jwt: Bench = {
  async run({ signal, say }) {
    const issuer = createTokenIssuer();
    const key = createPublicKey(issuer.publicKeyPem);
    const figures: Figure[] = [];
    for (const [place, crowd] of crowds.entries()) {
      const bare: number[] = [];
      const common: number[] = [];
      for (let turn = 0; turn < turns; turn++) {
        signal.throwIfAborted();
        say(`${crowd.name}, turn ${turn + 1} of ${turns}`, (place + turn / turns) / crowds.length);
        const sent = Array.from({ length: crowd.tokens }, (_, user) => issuer.token(`user-${turn}-${user}`));
        bare.push(await cpuOf(crowd, sent, bareVerifier(key)));
        common.push(await cpuOf(crowd, sent, commonVerifier(key, issuer.keyId)));
      }
      figures.push(
        figure(`${crowd.name}: \`jsonwebtoken.verify\``, median(bare), 'µs of CPU'),
        figure('through common', median(common), 'µs of CPU'),
        figure('so many times as fast', median(bare) / median(common), 'x', crowd.target),
      );
    }
    return figures;
  },
};

const issuer = issuerOf('auth');
const audience = ACCESS_TOKEN_AUDIENCE;

function bareVerifier(key: KeyObject): (token: string) => unknown {
  return (token) => tokens.verify(token, key, { algorithms: ['RS256'], issuer, audience });
}

/** A new one each time: nothing is remembered of the turn before. */
function commonVerifier(key: KeyObject, keyId: string): (token: string) => unknown {
  const keys = {
    version: 0,
    find: (kid: string) => (kid === keyId ? key : undefined),
    refresh: async () => {},
  };
  const { verify } = createVerifier({ keys, issuer, audience, type: ACCESS_TOKEN_TYPE });
  return verify;
}

/** @returns µs for a request, the first ones with their full verification included */
async function cpuOf(
  { requests }: Crowd,
  tokens: readonly string[],
  verify: (token: string) => unknown,
): Promise<number> {
  const before = process.cpuUsage();
  for (let request = 0; request < requests; request++) {
    for (const token of tokens) await verify(token);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (requests * tokens.length);
}
