import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { addToServicesYml } from '../../src/scaffold/edit-services-yml.ts';

const entry = ['polls:', '  routes: [/api/polls]'];
const line = 'polls: { version: 0.1.0 }';
const add = (text: string, environments: string[] = []) =>
  addToServicesYml(text, entry, { environments, line });

/** The lines that are new, with their numbers; fails where anything else has changed. */
function added(before: string, after: string | null): string[] {
  const rest = before.split('\n');
  const lines = (after ?? '').split('\n');
  const found = lines.flatMap((each, index) => {
    if (each !== rest[0]) return [`${index + 1} ${each}`];
    rest.shift();
    return [];
  });
  expect(rest).toEqual([]);
  return found;
}

test('after the last service and its own comments, before what comes next', () => {
  const text = `# top
services:
  auth:
    routes: [/api/auth] # of people

  # people
  users:
    consumes:
      - user.registered # and that
      # - user.renamed

# where it runs
environments: {}
`;
  expect(added(text, add(text))).toEqual(['12   polls:', '13     routes: [/api/polls]', '14 ']);
});

test('as deep and as close together as the entries before', () => {
  const text = 'services:\n    a: { routes: [/a] }\n    b:\n        routes: [/b]\nclouds: {}\n';
  expect(added(text, add(text))).toEqual(['5     polls:', '6       routes: [/api/polls]']);
});

test('at the end of a file without a last newline, and after a text of several lines', () => {
  expect(add('services:\n  a:\n    command: x')).toBe(
    'services:\n  a:\n    command: x\n\n  polls:\n    routes: [/api/polls]',
  );
  const text = 'services:\n  a:\n    env:\n      TEXT: |\n        one\n        two\nclouds: {}\n';
  const after = add(text);
  expect(added(text, after)).toEqual(['7 ', '8   polls:', '9     routes: [/api/polls]']);
  expect(parse(after ?? '').services.a.env.TEXT).toBe('one\ntwo\n');
});

test('with the line ends of Windows where the file has them', () => {
  const after = add('services:\r\n  a:\r\n    command: x\r\n');
  expect(after).toBe('services:\r\n  a:\r\n    command: x\r\n\r\n  polls:\r\n    routes: [/api/polls]\r\n');
});

test('its version in environments, however they are written', () => {
  const text = `services:
  a: { image: a }
environments:
  block:
    clouds: [aws]
    services:
      a: { version: 1 } # the first
  inner: { clouds: [aws], services: { a: { version: 1 } } }
  empty: { services: {} }
  none: { clouds: [aws] }
  last:
    clouds: [aws]
`;
  const environments = ['block', 'inner', 'empty', 'none', 'last'];
  const after = add(text, environments);
  const read = parse(after ?? '').environments;
  for (const name of environments) expect(read[name].services.polls).toEqual({ version: '0.1.0' });
  expect(after).toContain('      a: { version: 1 } # the first\n      polls: { version: 0.1.0 }\n');
  expect(after).toContain('    clouds: [aws]\n    services:\n      polls: { version: 0.1.0 }\n');
});

test.each([
  ['services on one line', 'services: { a: { command: x } }\n'],
  ['no services', 'services:\nclouds: {}\n'],
  ['services behind an alias', 'x: &s\n  a: { command: x }\nservices: *s\n'],
  ['no such key', 'clouds: {}\n'],
])('says that it cannot: %s', (_what, text) => {
  expect(add(text)).toBeNull();
});

test('says that it cannot where an environment is an alias', () => {
  const text = 'services:\n  a:\n    command: x\nenvironments:\n  one: &o { clouds: [aws] }\n  two: *o\n';
  expect(add(text, ['two'])).toBeNull();
});
