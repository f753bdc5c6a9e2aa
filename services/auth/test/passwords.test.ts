import { Problem } from '@tandem/common';
import { expect, test } from 'vitest';
import { createPasswords } from '../src/passwords.ts';

const small = { m: 64, t: 1, p: 1 };

test('a password fits its hash, and no other does', async () => {
  const { hash, verify } = createPasswords(small);
  const stored = await hash('correct horse');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verify('correct horse', stored)).toEqual({ right: true, outdated: false });
  expect(await verify('correct horsf', stored)).toEqual({ right: false, outdated: false });
  expect(await verify('correct horse', null)).toEqual({ right: false, outdated: false });
  expect(await hash('correct horse')).not.toBe(stored);
});

test('a hash of other programs in the same format is understood', async () => {
  // From the test vectors of the argon2 reference implementation: password "password", salt "somesalt".
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await createPasswords(small).verify('password', reference)).toEqual({ right: true, outdated: true });
});

test('a flood is refused instead of being kept in memory', async () => {
  const { hash } = createPasswords(small);
  const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => hash('x')));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(60 - 34);
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(Problem);
    expect(reason.type.code).toBe('overloaded');
  }
  await expect(hash('x')).resolves.toContain('$argon2id$');
});

test('a stored text of another kind is an error of ours, not a wrong password', async () => {
  await expect(createPasswords(small).verify('x', 'plain text')).rejects.toThrow('unknown format');
});
