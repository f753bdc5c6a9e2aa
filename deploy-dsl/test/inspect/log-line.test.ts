import { describe, expect, test } from 'vitest';
import { parsePattern, parseSince, passes } from '../../src/inspect/log-filter.ts';
import { readLine } from '../../src/inspect/log-line.ts';
import { colouredLine, plainLine } from '../../src/inspect/log-view.ts';
import { TandemError } from '../../src/language/diagnostic.ts';
import { plainTerminal } from '../support/plain-terminal.ts';

const source = { service: 'rooms', instance: '5f3a9c21-0000', cloud: 'aws', stream: 'stdout' as const };
const show = (text: string) => colouredLine(plainTerminal(), readLine(text), source, 0);

describe('a line of pino', () => {
  const time = new Date(2026, 10, 21, 14, 5, 7, 12).getTime();

  test('is time, level, instance, message and the fields that differ from line to line', () => {
    const text = JSON.stringify({
      level: 40,
      time,
      pid: 1,
      hostname: 'h',
      msg: 'slow',
      req: { method: 'GET' },
      ms: 812,
    });
    expect(show(text)).toBe('14:05:07.012 WARN  5f3a9c21 slow req.method=GET ms=812');
    expect(plainLine(readLine(text))).toBe('WARN slow ms=812');
  });

  test('a stack trace stands below it', () => {
    const text = JSON.stringify({
      level: 50,
      time,
      msg: 'no',
      err: { message: 'boom', stack: 'Error: boom\n  at x' },
    });
    expect(show(text)).toBe('14:05:07.012 ERROR 5f3a9c21 no err.message=boom\n    Error: boom\n      at x');
  });

  test('the edge writes its level and time as words', () => {
    const line = readLine(
      '{"level":"error","time":"2026-11-21T14:05:07.012+00:00","msg":"request","status":502}',
    );
    expect(line.level).toBe('error');
    expect(line.time).toBe(Date.UTC(2026, 10, 21, 14, 5, 7, 12));
  });
});

describe('a line that is something else', () => {
  test.each([
    ['plain text', 'Killed', 'Killed'],
    ['an array', '[1,2]', '[1,2]'],
    ['half of an object', '{"level":30,"msg":"a', '{"level":30,"msg":"a'],
    ['a number as message', '{"msg":7}', '7'],
    ['nothing that is known', '{"a":null,"b":{"c":1}}', 'b.c=1'],
    ['colours and a window title', '\x1b[31mred\x1b[0m \x1b]0;owned\x07x', 'red x'],
    ['binary', 'a\x00\x01\x7f\u009bb', 'a����b'],
  ])('%s', (_, text, shown) => {
    expect(show(text).slice('14:05:07.012 WARN  5f3a9c21 '.length)).toBe(shown);
  });

  test('a line of a megabyte is cut', () => {
    expect(readLine('x'.repeat(1024 * 1024)).raw.length).toBeLessThan(70_000);
  });

  test('a hostile field cannot move the cursor, nor fake a line', () => {
    const text = JSON.stringify({ msg: 'a\x1b[2Jb', evil: '\x1b[1Ax\nINFO fake' });
    expect(show(text)).not.toContain('\x1b');
    expect(show(text).split('\n')).toHaveLength(1);
    expect(show(JSON.stringify({ msg: 'a\n14:05:07.012 INFO  fake' }))).toContain('\n    14:05');
  });

  test('keys of Object.prototype are fields like any other', () => {
    expect(readLine('{"__proto__":{"level":60},"constructor":"x","msg":"m"}').level).toBeNull();
  });
});

describe('filters', () => {
  const all = { level: null, grep: null, request: null, since: null };
  const pass = (
    filter: Partial<Parameters<typeof passes>[0]>,
    text: string,
    stream: 'stdout' | 'stderr' = 'stdout',
  ) => passes({ ...all, ...filter }, readLine(text), 1000, stream);

  test('by level: what is no JSON counts as an error on stderr, as information on stdout', () => {
    expect(pass({ level: 'warn' }, '{"level":40}')).toBe(true);
    expect(pass({ level: 'warn' }, '{"level":30}')).toBe(false);
    expect(pass({ level: 'warn' }, 'Error: boom', 'stderr')).toBe(true);
    expect(pass({ level: 'warn' }, 'listening')).toBe(false);
  });

  test('by request: the whole id', () => {
    expect(pass({ request: 'req-1' }, '{"req":{"id":"req-1"}}')).toBe(true);
    expect(pass({ request: 'req-1' }, '{"req":{"id":"req-12"}} x-req-1')).toBe(false);
  });

  test('by text: capitals count only when the text has some; signs are taken as they are', () => {
    expect(pass({ grep: parsePattern('get /api') }, 'GET /api')).toBe(true);
    expect(pass({ grep: parsePattern('Get /api') }, 'GET /api')).toBe(false);
    expect(pass({ grep: parsePattern('a.c') }, 'abc')).toBe(false);
    expect(pass({ grep: parsePattern('/a.c/') }, 'abc')).toBe(true);
    expect(pass({ grep: parsePattern('/A.C/i') }, 'abc')).toBe(true);
  });

  test('a broken expression is bad input', () => {
    expect(() => parsePattern('/(/')).toThrow(TandemError);
  });

  test('since', () => {
    const now = new Date(2026, 10, 21, 14, 0, 0).getTime();
    expect(parseSince('10m', now)).toBe(now - 600_000);
    expect(parseSince('1.5h', now)).toBe(now - 5_400_000);
    expect(parseSince('13:30', now)).toBe(now - 1_800_000);
    expect(parseSince('14:30', now)).toBe(now - 23.5 * 3_600_000);
    expect(parseSince('2026-11-21T10:00:00Z', now)).toBe(Date.UTC(2026, 10, 21, 10));
    for (const bad of ['', 'x', '10', '10 minutes', '25:00', '-5m', '2026-13-45']) {
      expect(() => parseSince(bad, now)).toThrow(TandemError);
    }
  });
});
