import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSigner, createSigningKeys, Secret } from '../src/index.ts';
import { createTokenIssuer, startRedis, type TestRedis, waitFor } from '../src/testing/index.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = server.connect();
});
afterEach(() => redis.flushall());
afterAll(async () => {
  await redis.quit();
  await server[Symbol.asyncDispose]();
});

const [first, second] = [createTokenIssuer(), createTokenIssuer()];
const options = { type: 'at+jwt', issuer: 'i', audience: 'a', subject: 'ada', lifetimeS: 60 };

/** An instance whose secret holds these keys, the newest first. */
function instance(issuers: { privateKeyPem: string }[], publishedMs: number) {
  const keys = createSigningKeys(new Secret(issuers.map(({ privateKeyPem }) => privateKeyPem).join('\n')));
  const signer = createSigner({ keys, redis, publishedMs, recheckMs: 0 });
  return async () => {
    const [header = ''] = (await signer.sign({}, options)).split('.');
    const { kid }: { kid: string } = JSON.parse(Buffer.from(header, 'base64url').toString());
    return kid;
  };
}

test('the only key signs from the first moment', async () => {
  expect(await instance([first], 3_600_000)()).toBe(first.keyId);
});

test('of two keys that are both new the one that was there before signs', async () => {
  expect(await instance([second, first], 3_600_000)()).toBe(first.keyId);
});

test('a new key signs once it has been published for long enough, on all instances', async () => {
  const [one, other] = [instance([second, first], 700), instance([second, first], 700)];
  expect([await one(), await other()]).toEqual([first.keyId, first.keyId]);
  await waitFor('the new key signs', async () => (await one()) === second.keyId);
  expect(await other()).toBe(second.keyId);
});

test('an instance that starts later agrees with those that are there', async () => {
  await instance([first], 50)();
  const one = instance([second, first], 50);
  await waitFor('the new key signs', async () => (await one()) === second.keyId);
  expect(await instance([second, first], 50)()).toBe(second.keyId);
});

test('without Redis nothing is signed by guess', async () => {
  const keys = createSigningKeys(new Secret(first.privateKeyPem));
  const gone = server.connect();
  gone.disconnect();
  await expect(createSigner({ keys, redis: gone }).sign({}, options)).rejects.toThrow();
});
