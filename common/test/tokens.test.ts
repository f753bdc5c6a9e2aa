import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  createSigningKeys,
  createVerifier,
  issuerOf,
  type JwksSchema,
  Secret,
  type Static,
} from '../src/index.ts';
import { createTokenIssuer } from '../src/testing/index.ts';
import { createRemoteKeySet } from '../src/tokens/key-set.ts';
import { createTokenCache } from '../src/tokens/token-cache.ts';
import { type Demo, startDemo } from './support/demo.ts';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo[Symbol.asyncDispose]());

async function codeFor(authorization: string | undefined): Promise<string> {
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await demo.app.inject({ url: '/api/demo/me', headers });
  return answer.statusCode === 200 ? 'let in' : answer.json().code;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand, with whatever in it. */
function forge(header: object, claims: object, sign: (input: string) => string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `Bearer ${input}.${sign(input)}`;
}

const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({
  sub: 'mallory',
  sid: 's',
  iss: issuerOf('auth'),
  aud: ACCESS_TOKEN_AUDIENCE,
  iat: now(),
  exp: now() + 600,
});
const header = () => ({ alg: 'RS256', typ: ACCESS_TOKEN_TYPE, kid: demo.issuer.keyId });
const rs256 = (pem: string) => (input: string) =>
  createSign('RSA-SHA256').update(input).sign(pem, 'base64url');

test('a valid token lets its bearer in, again and again', async () => {
  const authorization = demo.issuer.authorization('ada', 'session-1');
  for (let round = 0; round < 3; round++) {
    const answer = await demo.app.inject({ url: '/api/demo/me', headers: { authorization } });
    expect(answer.json()).toEqual({ id: 'ada', sessionId: 'session-1', guest: null });
  }
});

test('the hand-made token of the cases below is valid when nothing is wrong with it', async () => {
  expect(await codeFor(forge(header(), claims(), rs256(demo.issuer.privateKeyPem)))).toBe('let in');
});

test.each<[string, () => string | undefined, string]>([
  ['no token', () => undefined, 'unauthenticated'],
  ['another scheme', () => 'Basic YTpi', 'unauthenticated'],
  ['an empty token', () => 'Bearer ', 'unauthenticated'],
  ['noise', () => 'Bearer a.b.c', 'invalid-token'],
  ['alg none', () => forge({ ...header(), alg: 'none' }, claims(), () => ''), 'invalid-token'],
  [
    'HS256 with the public key as secret',
    () =>
      forge({ ...header(), alg: 'HS256' }, claims(), (input) =>
        createHmac('sha256', demo.issuer.publicKeyPem).update(input).digest('base64url'),
      ),
    'invalid-token',
  ],
  [
    'RS512 with the right key',
    () =>
      forge({ ...header(), alg: 'RS512' }, claims(), (input) =>
        createSign('RSA-SHA512').update(input).sign(demo.issuer.privateKeyPem, 'base64url'),
      ),
    'invalid-token',
  ],
  [
    'the key of somebody else under the right id',
    () => forge(header(), claims(), rs256(createTokenIssuer().privateKeyPem)),
    'invalid-token',
  ],
  [
    'an unknown key id',
    () => forge({ ...header(), kid: 'x' }, claims(), rs256(createTokenIssuer().privateKeyPem)),
    'invalid-token',
  ],
  [
    'a key id that is no text',
    () => forge({ ...header(), kid: { a: 1 } }, claims(), () => 'x'),
    'invalid-token',
  ],
  [
    'a key of its own in the header',
    () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const jwk = publicKey.export({ format: 'jwk' });
      return forge(
        { ...header(), jwk },
        claims(),
        rs256(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      );
    },
    'invalid-token',
  ],
  ['expired', () => `Bearer ${demo.issuer.token('ada', {}, { lifetimeS: -60 })}`, 'expired-token'],
  [
    'no expiry',
    () => forge(header(), { ...claims(), exp: undefined }, rs256(demo.issuer.privateKeyPem)),
    'invalid-token',
  ],
  [
    'not yet valid',
    () => forge(header(), { ...claims(), nbf: now() + 600 }, rs256(demo.issuer.privateKeyPem)),
    'invalid-token',
  ],
  [
    'another audience',
    () => `Bearer ${demo.issuer.token('ada', {}, { audience: 'tandem/call' })}`,
    'invalid-token',
  ],
  [
    'another issuer',
    () => `Bearer ${demo.issuer.token('ada', {}, { issuer: 'tandem/rooms' })}`,
    'invalid-token',
  ],
  [
    'another kind of token',
    () => `Bearer ${demo.issuer.token('ada', {}, { type: 'grant+jwt' })}`,
    'invalid-token',
  ],
  [
    'no subject',
    () => forge(header(), { ...claims(), sub: '' }, rs256(demo.issuer.privateKeyPem)),
    'invalid-token',
  ],
  [
    'no session',
    () => forge(header(), { ...claims(), sid: undefined }, rs256(demo.issuer.privateKeyPem)),
    'invalid-token',
  ],
  [
    'a payload that is no object',
    () => forge(header(), [1], rs256(demo.issuer.privateKeyPem)),
    'invalid-token',
  ],
  ['a payload that is no JSON', () => `Bearer ${encode(header())}.e30x.abc`, 'invalid-token'],
  [
    'a huge token',
    () => `Bearer ${demo.issuer.token('ada', { filler: 'a'.repeat(10_000) })}`,
    'invalid-token',
  ],
])('%s is refused', async (_, make, code) => {
  expect(await codeFor(make())).toBe(code);
});

test('a token with one changed character is refused, also when the original is cached', async () => {
  const authorization = demo.issuer.authorization('ada');
  expect(await codeFor(authorization)).toBe('let in');
  const [head = '', payload = '', signature = ''] = authorization.split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace('"sub":"ada"', '"sub":"bob"');
  expect(await codeFor([head, Buffer.from(forged).toString('base64url'), signature].join('.'))).toBe(
    'invalid-token',
  );
});

test('401 says how to authenticate, and why the token was not good enough', async () => {
  const missing = await demo.app.inject('/api/demo/me');
  expect(missing.headers['www-authenticate']).toBe('Bearer');
  const invalid = await demo.app.inject({ url: '/api/demo/me', headers: { authorization: 'Bearer x' } });
  expect(invalid.headers['www-authenticate']).toContain('error="invalid_token"');
});

test('a route that says nothing about access needs a token', async () => {
  await using closed = await startDemo({ routes: (app) => app.get('/api/demo/plain', async () => 'secret') });
  expect((await closed.app.inject('/api/demo/plain')).statusCode).toBe(401);
});

test('a guest gets in where guests are expected and nowhere else', async () => {
  await using demo = await startDemo({
    routes: (app) => app.get('/api/demo/lounge', { config: { access: 'guest' } }, async ({ user }) => user),
  });
  const get = (url: string, token: string) =>
    demo.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  const guest = demo.issuer.token('guest-1', { guest: 'Ada' });
  expect((await get('/api/demo/lounge', guest)).json()).toMatchObject({
    id: 'guest-1',
    guest: { name: 'Ada' },
  });
  expect((await get('/api/demo/me', guest)).json()).toMatchObject({
    status: 403,
    code: 'guests-not-allowed',
  });
  expect((await get('/api/demo/lounge', demo.issuer.token('ada'))).json()).toMatchObject({ guest: null });
  const odd = demo.issuer.token('guest-2', { guest: true });
  expect((await get('/api/demo/lounge', odd)).json().code).toBe('invalid-token');
});

test('unknown key ids make it ask the issuer at most once in ten seconds', async () => {
  await using fresh = await startDemo();
  const { issuer, app } = fresh;
  const send = (kid: string) =>
    app.inject({
      url: '/api/demo/me',
      headers: { authorization: forge({ ...header(), kid }, claims(), () => 'x') },
    });
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => send(`kid-${index}`)));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
  expect(issuer.fetches).toBe(1);
});

test('while the issuer is away: no keys yet is 503, known keys go on', async () => {
  await using fresh = await startDemo();
  const authorization = fresh.issuer.authorization('ada');
  const instances = [...fresh.issuer.instances];
  await fresh.issuer.close();
  const early = await fresh.app.inject({ url: '/api/demo/me', headers: { authorization } });
  expect([early.statusCode, early.json().code]).toEqual([503, 'dependency-unavailable']);
  expect((await fresh.app.inject('/healthz/ready')).json().checks.keys).toContain(
    'public keys are not known',
  );
  expect(instances).toHaveLength(1);

  expect(await codeFor(demo.issuer.authorization('ada'))).toBe('let in');
  await demo.issuer.close();
  expect(await codeFor(demo.issuer.authorization('grace'))).toBe('let in');
  await demo.issuer.listen();
});

type Jwks = Static<typeof JwksSchema>;

test('a new key is believed at once, and one that was taken away no more, though its tokens were cached', async () => {
  const [older, newer] = [createTokenIssuer(), createTokenIssuer()];
  const keysOf = (...pems: string[]): Jwks => createSigningKeys(new Secret(pems.join('\n'))).jwks();
  let published = keysOf(older.privateKeyPem);
  let clock = 1_000_000;
  const keys = createRemoteKeySet(
    'auth',
    async () => published,
    () => clock,
  );
  const verifier = createVerifier({
    keys,
    issuer: issuerOf('auth'),
    audience: ACCESS_TOKEN_AUDIENCE,
    type: ACCESS_TOKEN_TYPE,
  });
  const old = older.token('ada');
  expect(await verifier.verify(old)).toMatchObject({ subject: 'ada' });

  published = keysOf(newer.privateKeyPem, older.privateKeyPem);
  clock += 20_000;
  expect(await verifier.verify(newer.token('ada'))).toMatchObject({ subject: 'ada' });
  expect(await verifier.verify(old)).toMatchObject({ subject: 'ada' });

  published = keysOf(newer.privateKeyPem);
  clock += 20_000;
  await keys.refresh();
  await expect(verifier.verify(old)).rejects.toThrow('its issuer does not publish');
});

test('the key id is the RFC 7638 thumbprint', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const [jwk] = createSigningKeys(new Secret(pem)).jwks().keys;
  expect(jwk).toMatchObject({ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' });
  expect(jwk?.kid).toMatch(/^[\w-]{43}$/);
  expect(JSON.stringify(jwk)).not.toContain('"d":');
});

test('keys that are no good are refused at the start, without showing them', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pemOf = ({ privateKey }: typeof weak) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => createSigningKeys(new Secret(pemOf(weak)))).toThrow('at least 2048 bits');
  expect(() => createSigningKeys(new Secret(pemOf(curve)))).toThrow('must be RSA');
  expect(() => createSigningKeys(new Secret('hunter2'))).toThrow('no private key in PEM format');
});

test('the cache keeps what is used, up to its limit, and nothing that has expired', () => {
  const cache = createTokenCache<string>(2);
  cache.set('a', 'A', 100);
  cache.set('b', 'B', 200);
  expect(cache.get('a', 50)).toBe('A');
  cache.set('c', 'C', 200);
  expect([cache.size, cache.get('a', 50), cache.get('b', 50), cache.get('c', 50)]).toEqual([
    2,
    'A',
    undefined,
    'C',
  ]);
  expect([cache.get('a', 100), cache.size]).toEqual([undefined, 1]);
});

test('a token with the end of another one is another one', () => {
  const cache = createTokenCache<string>(2);
  const end = 'e'.repeat(40);
  cache.set(`a${end}`, 'A', 100);
  expect([cache.get(`b${end}`, 50), cache.get(`a${end}`, 50)]).toEqual([undefined, 'A']);
});
