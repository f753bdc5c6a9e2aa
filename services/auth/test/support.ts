import type { BuiltService } from '@tandem/common';
import {
  collectLog,
  createTokenIssuer,
  type LogLines,
  startRedis,
  type TestRedis,
  waitFor,
} from '@tandem/common/testing';
import { auth } from '../src/service.ts';

export interface Running {
  service: BuiltService;
  redis: TestRedis;
  log: LogLines;
  privateKeyPem: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The service with a Redis of its own and a fresh key. */
export async function startAuth(env: Record<string, string> = {}): Promise<Running> {
  const redis = await startRedis();
  const log = collectLog();
  const { privateKeyPem } = createTokenIssuer();
  const service = await auth.build({
    env: { REDIS_URL: redis.url, JWT_PRIVATE_KEY: privateKeyPem, ...env },
    logOutput: log,
  });
  await waitFor('auth is ready', async () => (await service.app.inject('/healthz/ready')).statusCode === 200);
  return {
    service,
    redis,
    log,
    privateKeyPem,
    async [Symbol.asyncDispose]() {
      await service.stop();
      await redis[Symbol.asyncDispose]();
    },
  };
}

let people = 0;

/** Somebody nobody knows yet. */
export function newPerson() {
  people += 1;
  return {
    email: `person-${people}-${Date.now()}@example.org`,
    password: 'correct horse battery',
    name: 'Ada',
  };
}
