import { send } from './edge.ts';

/** Somebody who has no account yet. */
export const person = (name: string) => ({
  name,
  email: `${name}-${crypto.randomUUID()}@example.org`,
  password: 'correct horse battery',
});

/** Somebody who has one: the answer to the registration. */
export const register = async (name: string) =>
  (await send('POST', '/api/auth/register', undefined, person(name))).body;
