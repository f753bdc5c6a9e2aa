import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/interrupted.ts';
import { run } from '../../src/cli/run.ts';
import type { Command, Context, Invocation } from '../../src/commands/command.ts';
import { type CommandEntry, commands } from '../../src/commands/index.ts';
import { exitCodes, TandemError } from '../../src/language/diagnostic.ts';
import { unknownFlag } from '../../src/language/errors/usage.ts';
import { testContext } from '../support/context.ts';

/** A registry of one command, `walk`, that keeps how it was called. */
function walking(body: (context: Context) => Promise<number> = async () => exitCodes.fine) {
  const calls: Invocation[] = [];
  const command: Command = {
    args: [
      { name: '<from>', description: 'where to start' },
      { name: '[pace]', description: 'how fast', choices: ['slow', 'fast'] },
    ],
    options: [
      { flags: '-f, --follow', description: 'go on' },
      { flags: '--to <place>', description: 'where to' },
      { flags: '--level <level>', description: 'how high', choices: ['low', 'high'], default: 'low' },
      { flags: '--via <place...>', description: 'places between' },
      { flags: '--json', description: 'as JSON' },
    ],
    examples: [{ line: 'tandem walk home', what: 'starts at home' }],
    description: `First
      paragraph.

      Second.`,
    async run(context, invocation) {
      calls.push(invocation);
      return (await body(context)) as 0;
    },
  };
  const entry: CommandEntry = { group: 'project', summary: 'go somewhere', load: async () => command };
  return { calls, registry: { walk: entry } };
}

async function tandem(
  words: string[],
  registry: Record<string, CommandEntry> = walking().registry,
  overrides: Partial<Context> = {},
) {
  const { context, stdout, stderr } = testContext(overrides);
  return { code: await run(words, context, registry), stdout: stdout(), stderr: stderr() };
}

describe('parsing', () => {
  test('arguments, with flags before, between and after them', async () => {
    const { calls, registry } = walking();
    await tandem(['walk', '-f', 'home', '--to=work', 'fast', '--level', 'high'], registry);
    await tandem(['walk', 'home'], registry);
    expect(calls).toEqual([
      { args: ['home', 'fast'], options: { follow: true, to: 'work', level: 'high' } },
      { args: ['home'], options: { level: 'low' } },
    ]);
  });

  test('what stands after -- is an argument', async () => {
    const { calls, registry } = walking();
    await tandem(['walk', '-f', '--to=work', '--via', 'a', 'b', '--', '--odd'], registry);
    expect(calls).toEqual([
      { args: ['--odd'], options: { follow: true, to: 'work', level: 'low', via: ['a', 'b'] } },
    ]);
  });

  test.each([
    { words: ['wlak'], says: 'TDM-501  unknown command "wlak"; did you mean "walk"?' },
    { words: ['constructor'], says: 'TDM-501  unknown command "constructor"' },
    {
      words: ['walk', 'home', '--folow'],
      says: 'TDM-502  unknown flag "--folow" for "walk"; did you mean "--follow"?',
    },
    { words: ['walk', 'home', '-x'], says: 'TDM-502  unknown flag "-x" for "walk"' },
    { words: ['--json', 'walk'], says: 'TDM-503  "--json" stands before the command' },
    { words: ['walk', 'home', '--to'], says: 'TDM-504  "--to" of "walk" needs a value' },
    { words: ['walk', 'home', '--to', '--json'], says: 'TDM-504  "--to" of "walk" needs a value' },
    { words: ['walk', 'home', '--follow=yes'], says: 'TDM-505  "--follow" of "walk" takes no value' },
    {
      words: ['walk', 'home', '--level', 'hihg'],
      says: 'TDM-506  "hihg" is not a value of "--level"; did you mean "high"?',
    },
    { words: ['walk'], says: 'TDM-507  "walk" needs <from>: where to start' },
    {
      words: ['walk', 'home', 'fast', 'x', 'y'],
      says: 'TDM-508  "walk" does not know what to do with "x" "y"',
    },
    { words: ['walk', 'home', 'fats'], says: 'TDM-509  unknown pace "fats"; did you mean "fast"?' },
  ])('$words is bad input: $says', async ({ words, says }) => {
    const { calls, registry } = walking();
    const { code, stdout, stderr } = await tandem(words, registry);
    expect(code).toBe(exitCodes.badInput);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(says.replaceAll(/\s+/g, ' '));
    expect([stdout, calls.length]).toEqual(['', 0]);
  });
});

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j shows every command', async (words) => {
    const { code, stdout } = await tandem(words, commands);
    expect(code).toBe(0);
    for (const name of Object.keys(commands)) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  test.each([[['walk', '--help']], [['walk', '-h', 'x', 'y', 'z']], [['help', 'walk']]])(
    '%j explains the command, whatever else is missing',
    async (words) => {
      const { code, stdout } = await tandem(words);
      expect(code).toBe(0);
      expect(stdout).toBe(`tandem walk: go somewhere

usage: ./tandem walk <from> [pace] [options]

First paragraph.

Second.

Arguments
  <from>                where to start
  [pace]                how fast (slow, fast)

Options
  -f, --follow          go on
      --to <place>      where to
      --level <level>   how high (low, high) (default: low)
      --via <place...>  places between
      --json            as JSON
  -h, --help            show this

Examples
  ./tandem walk home  starts at home
`);
    },
  );

  test('no line is wider than a narrow terminal', async () => {
    const { context, stdout } = testContext({}, { tty: true, columns: 44, env: { NO_COLOR: '1' } });
    await run(['--help'], context, commands);
    const tooWide = stdout()
      .split('\n')
      .filter((line) => line.length > 44 && line.includes('  '));
    expect(tooWide).toEqual([]);
  });
});

describe('what a command ends with', () => {
  test('its own exit code', async () => {
    const { registry } = walking(async () => exitCodes.changes);
    expect((await tandem(['walk', 'x'], registry)).code).toBe(3);
  });

  test('a TandemError shows all its diagnostics, on standard error', async () => {
    const diagnostics = ['--a', '--b'].map((flag) => unknownFlag('x', flag, null));
    const { registry } = walking(async () => {
      throw new TandemError(diagnostics, exitCodes.badInput);
    });
    const { code, stdout, stderr } = await tandem(['walk', 'x'], registry);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('"--a"');
    expect(stderr).toContain('"--b"');
  });

  test('a TandemError under --json is JSON, on standard output', async () => {
    const { registry } = walking(async () => {
      throw new TandemError([unknownFlag('x', '--a', null)], exitCodes.badInput);
    });
    const { code, stdout, stderr } = await tandem(['walk', 'x', '--json'], registry);
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: 'TDM-502', severity: 'error' }] });
  });

  test('an excerpt of the file is found from where the user is', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'tandem-run-'));
    try {
      writeFileSync(join(cwd, 'my.yml'), 'one: 1\nwrong: 2\n');
      const range = { start: { line: 2, column: 1 }, end: { line: 2, column: 6 } };
      const { registry } = walking(async () => {
        throw new TandemError([{ ...unknownFlag('x', '--a', null), file: 'my.yml', range }]);
      });
      const { stderr } = await tandem(['walk', 'x'], registry, { cwd });
      expect(stderr).toContain('my.yml:2:1');
      expect(stderr).toMatch(/2 │ wrong: 2\n.*\^\^\^\^\^/);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test('anything else thrown is a bug of ours; the stack only where it was asked for', async () => {
    const { registry } = walking(async () => {
      throw new TypeError('x is not a function', { cause: new Error('deeper') });
    });
    const quiet = await tandem(['walk', 'x'], registry);
    expect(quiet.code).toBe(1);
    expect(quiet.stderr).toContain('this is a bug in tandem: TypeError: x is not a function');
    expect(quiet.stderr).not.toContain('run.test.ts');
    const loud = await tandem(['walk', 'x'], registry, { env: { TANDEM_DEBUG: '1' } });
    expect(loud.stderr).toContain('run.test.ts');
    expect(loud.stderr).toContain('caused by Error: deeper');
  });

  test('a command whose file is missing says how to get it back', async () => {
    const load = async () => {
      throw Object.assign(new Error(`Cannot find module '/x/commands/walk.ts' imported from y`), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    };
    const { code, stderr } = await tandem(['walk'], { walk: { group: 'project', summary: '', load } });
    expect(code).toBe(1);
    expect(stderr).toContain('TDM-510');
  });
});

describe('interruption', () => {
  const interrupted = () => {
    const controller = new AbortController();
    return { signal: controller.signal, interrupt: () => controller.abort(new Interrupted('SIGINT')) };
  };

  test.each([
    ['the reason itself', (signal: AbortSignal) => signal.throwIfAborted()],
    [
      'an AbortError',
      () => {
        throw new DOMException('This operation was aborted', 'AbortError');
      },
    ],
    [
      'an error caused by it',
      (signal: AbortSignal) => {
        throw new Error('fetch failed', { cause: signal.reason });
      },
    ],
    ['nothing', () => undefined],
  ])('a command that ends with %s exits with 130, silently', async (_, end) => {
    const { signal, interrupt } = interrupted();
    const { registry } = walking(async () => {
      interrupt();
      end(signal);
      return exitCodes.fine;
    });
    expect(await tandem(['walk', 'x'], registry, { signal })).toEqual({ code: 130, stdout: '', stderr: '' });
  });

  test('what the command has to say about it is shown', async () => {
    const { signal, interrupt } = interrupted();
    const { registry } = walking(async () => {
      interrupt();
      throw new TandemError([unknownFlag('x', '--half-done', null)]);
    });
    const { code, stderr } = await tandem(['walk', 'x'], registry, { signal });
    expect(code).toBe(130);
    expect(stderr).toContain('--half-done');
  });

  test('a bug that shows while the command is stopping is not hidden', async () => {
    const { signal, interrupt } = interrupted();
    const { registry } = walking(async () => {
      interrupt();
      throw new TypeError('oops');
    });
    const { code, stderr } = await tandem(['walk', 'x'], registry, { signal });
    expect(code).toBe(1);
    expect(stderr).toContain('TypeError: oops');
  });
});
