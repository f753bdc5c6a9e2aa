import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { commands } from '../../src/commands/index.ts';
import { testContext } from '../support/context.ts';

/** Whatever is typed or set in the environment: an answer with an exit code, never "this is a bug". */

async function tandem(
  words: string[],
  env: NodeJS.ProcessEnv = {},
  terminal: Parameters<typeof testContext>[1] = {},
) {
  const { context, stdout, stderr } = testContext({ env }, { env, ...terminal });
  const code = await run(words, context, commands);
  return { code, stdout: stdout(), stderr: stderr() };
}

const hostile = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '=',
    '\0',
    '\n',
    '\u001b[31m',
    '\u202e',
    '\ud800',
    '__proto__',
    'constructor',
  ],
  ...[
    '../../etc/passwd',
    '/',
    '.',
    '~',
    '$HOME',
    '`id`',
    '; id',
    '%00',
    "'",
    '"',
    '\\',
    'a'.repeat(5_000),
    '-1',
  ],
  ...['NaN', '1e999', '0x10', '999999999999999999999', '1.5', 'null', 'true', '[]', '{}', '{{ . }}', 'ä'],
];

/** Commands that look at the file and at nothing else; each ends by itself. */
const harmless = ['validate', 'compile', 'routes', 'schema', 'version', 'completion', 'help', '__complete'];

describe('flags', () => {
  test.each(harmless)('%s: any words end with 0 or 2, and say why', async (name) => {
    const flags = (await commands[name]?.load())?.options.flatMap(
      ({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? [],
    );
    const known = (flags ?? []).filter((flag) => !['--out', '--write'].includes(flag));
    const word = fc.oneof(
      fc.constantFrom(...hostile, ...known, '--json', '--help'),
      fc.string({ maxLength: 10 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 4 }), async (words) => {
        const { code, stdout, stderr } = await tandem([name, ...words]);
        expect([0, 2], stderr).toContain(code);
        expect(stderr).not.toContain('TDM-599');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of what was typed may steer the terminal
        expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
        if (code === 2) expect(stdout + stderr).toMatch(/TDM-\d{3}/);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('a flag twice: the last one counts', async () => {
    const words = ['validate', '--env', 'nowhere', '--env', 'local'];
    expect((await tandem(words)).code).toBe(0);
    expect((await tandem([...words, '--env', 'nowhere'])).stderr).toContain('unknown environment "nowhere"');
  });

  test.each([
    { words: ['logs', 'auth', '--lines', 'many'], says: /many/ },
    { words: ['logs', 'auth', '--lines', '-5'], says: /-5/ },
    { words: ['logs', 'auth', '--since', 'yesterday'], says: /yesterday/ },
    { words: ['logs', 'auth', '--grep', '/(/'], says: /\(/ },
    { words: ['logs', 'auth', '--level', 'loud'], says: /loud/ },
    { words: ['scale', 'auth', 'lots'], says: /lots/ },
    { words: ['scale', 'auth', '-1'], says: /-1/ },
    { words: ['up', '--port-offset', 'x'], says: /x/ },
    { words: ['up', '--port-offset', '-1'], says: /-1/ },
    { words: ['up', '--port-offset', '70000'], says: /70000/ },
    { words: ['plan', '--file', '/'], says: /folder/ },
    { words: ['plan', '--file', '/dev/null'], says: /not an ordinary file/ },
    { words: ['plan', '--file', 'a\0b'], says: /cannot read|no file/ },
    { words: ['plan', '--file', 'x'.repeat(5_000)], says: /too long/ },
    { words: ['plan', '--env', '__proto__'], says: /unknown environment "__proto__"/ },
    { words: ['bench', 'nothing'], says: /nothing/ },
    { words: ['why', 'nobody'], says: /nobody/ },
    { words: ['secret', 'set', 'auth', 'nothing'], says: /nothing/ },
  ])('$words is bad input', async ({ words, says }) => {
    const { code, stdout, stderr } = await tandem(words);
    expect([code, stdout], stderr).toEqual([2, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(says);
  });
});

describe('environment variables', () => {
  test.each(['NOMAD_ADDR', 'CONSUL_HTTP_ADDR', 'RABBITMQ_MANAGEMENT_URL'])(
    '%s that is no address is bad input, and is named',
    async (name) => {
      for (const value of [
        'http://',
        'http://a:b:c',
        'http://[',
        'ftp://x',
        'unix:///run/x.sock',
        'http://x:99999',
        'http://a b',
      ]) {
        const { code, stderr } = await tandem(['status', '--env', 'staging'], { [name]: value });
        expect(code, `${value}: ${stderr}`).toBe(2);
        expect(stderr).toContain(name);
        expect(stderr).toContain('TDM-512');
      }
    },
  );

  test('a password in an address is not shown', async () => {
    const { stderr } = await tandem(['status', '--env', 'staging'], {
      RABBITMQ_MANAGEMENT_URL: 'http://user:hunter2@host:99999',
    });
    expect(stderr).toContain('RABBITMQ_MANAGEMENT_URL');
    expect(stderr).not.toContain('hunter2');
  });

  test('TANDEM_ENV names the environment, the flag is stronger, empty is not set', async () => {
    const staging = await tandem(['routes'], { TANDEM_ENV: 'staging' });
    expect(staging).toEqual(await tandem(['routes', '--env', 'staging']));
    expect(await tandem(['routes', '--env', 'local'], { TANDEM_ENV: 'nowhere' })).toMatchObject({ code: 0 });
    expect(await tandem(['routes'], { TANDEM_ENV: '' })).toEqual(await tandem(['routes', '--env', 'local']));
    for (const value of hostile.filter((each) => each !== '')) {
      const { code, stderr } = await tandem(['routes'], { TANDEM_ENV: value });
      expect([code, stderr.includes('unknown environment')]).toEqual([2, true]);
    }
  });

  test.each(['x', '-1', '1.5', '70000', '1e3', ' 1000'])(
    'TANDEM_PORT_OFFSET=%s is bad input',
    async (value) => {
      const { code, stderr } = await tandem(['up'], { TANDEM_PORT_OFFSET: value });
      expect([code, stderr.includes('TDM-')], stderr).toEqual([2, true]);
    },
  );

  test.each([
    { LANG: 'C' },
    { LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' },
    { LC_CTYPE: 'en_US.ISO-8859-1' },
    { TERM: 'linux' },
  ])('with %o everything is ASCII', async (env) => {
    for (const words of [
      ['--help'],
      ['validate', '--file', 'examples/broken/names.yml'],
      ['routes'],
      ['wlak'],
    ]) {
      const { stdout, stderr } = await tandem(words, env);
      expect(stderr).toMatch(/^[\n\x20-\x7e]*$/);
      expect(stdout).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });

  test.each([1, 10, 20, 30])('a terminal of %i columns still shows what is wrong', async (columns) => {
    const words = ['validate', '--file', 'examples/broken/names.yml'];
    const { code, stderr } = await tandem(words, { NO_COLOR: '1' }, { tty: true, columns });
    expect([code, stderr.includes('TDM-')]).toEqual([2, true]);
  });
});
