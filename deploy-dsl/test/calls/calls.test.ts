import { createStaticDiscovery, type Service, type TObject } from '@tandem/common';
import { createTokenIssuer } from '@tandem/common/testing';
import { expect, test } from 'vitest';
import { auth } from '../../../services/auth/src/service.ts';
import { SESSION_PATH, SessionState } from '../../../services/rooms/src/auth-api.ts';
import { User } from '../../../services/rooms/src/users-api.ts';
import { Me } from '../../../services/users/src/auth-api.ts';
import { users } from '../../../services/users/src/service.ts';

/**
 * Services know each other by their public interfaces only. What one reads of another's answer must be in the OpenAPI of
 * the other: a property that is renamed or left out there fails here, and not in production.
 */

interface Offered {
  type?: string;
  properties?: Record<string, { type?: string }>;
  required?: string[];
}

interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema?: Offered }> }> }>
  >;
}

/** The schema of the answer to a GET, as the OpenAPI of the service has it. Nothing that it needs is there. */
async function answerOf(service: Service, path: string): Promise<Offered | undefined> {
  const { app, stop } = await service.build({
    env: {
      REDIS_URL: 'redis://127.0.0.1:1',
      RABBITMQ_URL: 'amqp://127.0.0.1:1',
      QUEUES: JSON.stringify([{ queue: 'x', events: ['user.*'], prefetch: 1, retries: [], dead: 'x.dead' }]),
      JWT_PRIVATE_KEY: createTokenIssuer().privateKeyPem,
      LOG_LEVEL: 'silent',
    },
    discovery: createStaticDiscovery({}),
  });
  const document: Document = JSON.parse(JSON.stringify(app.swagger()));
  await stop();
  return document.paths[path]?.get?.responses['200']?.content?.['application/json']?.schema;
}

/** What is missing or of another type, in words. */
function missing(needed: TObject, offered: Offered | undefined): string[] {
  if (offered === undefined) return ['there is no such answer'];
  return (needed.required ?? []).flatMap((name) => {
    const [wants, has] = [needed.properties[name], offered.properties?.[name]];
    if (has === undefined || !(offered.required ?? []).includes(name)) return [`${name} is not promised`];
    const type = wants !== undefined && 'type' in wants ? wants.type : undefined;
    return has.type === type ? [] : [`${name} is ${has.type}, not ${type}`];
  });
}

test.each<[string, TObject, Service, string]>([
  ['rooms: session of auth', SessionState, auth, SESSION_PATH],
  ['users: account of auth', Me, auth, '/api/auth/me'],
  ['rooms: own profile of users', User, users, '/api/users/me'],
  ['rooms: profile of users', User, users, '/api/users/{id}'],
])('%s has what is read of it', async (_what, needed, owner, path) => {
  expect(missing(needed, await answerOf(owner, path))).toEqual([]);
});

test('a property that is gone, or of another type, is noticed', () => {
  const offered = { properties: { id: { type: 'integer' } }, required: ['id'] };
  expect(missing(User, offered)).toEqual(['id is integer, not string', 'name is not promised']);
  expect(missing(User, undefined)).toEqual(['there is no such answer']);
});
