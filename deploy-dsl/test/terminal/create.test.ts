import { describe, expect, test } from 'vitest';
import { emulatedScreen } from '../support/emulated-screen.ts';
import { captureTerminal } from '../support/terminal.ts';

const styled = '\x1b[31mx\x1b[39m';

describe('colours', () => {
  test.each([
    { where: 'a terminal', tty: true, env: {}, colour: true },
    { where: 'a pipe', tty: false, env: {}, colour: false },
    { where: 'a terminal with NO_COLOR', tty: true, env: { NO_COLOR: '1' }, colour: false },
    { where: 'a terminal with an empty NO_COLOR', tty: true, env: { NO_COLOR: '' }, colour: true },
    { where: 'a pipe with FORCE_COLOR', tty: false, env: { FORCE_COLOR: '1' }, colour: true },
    { where: 'a terminal with FORCE_COLOR=0', tty: true, env: { FORCE_COLOR: '0' }, colour: false },
    { where: 'NO_COLOR and FORCE_COLOR', tty: false, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, colour: true },
    { where: 'a dumb terminal', tty: true, env: { TERM: 'dumb' }, colour: false },
    { where: 'a terminal in CI', tty: true, env: { CI: 'true' }, colour: true },
  ])('on $where: $colour', ({ tty, env, colour }) => {
    const { terminal } = captureTerminal({ tty, env });
    expect(terminal.style('red', 'x')).toBe(colour ? styled : 'x');
    expect(terminal.screen.style('red', 'x')).toBe(colour ? styled : 'x');
  });
});

describe('redrawing', () => {
  test.each([
    { where: 'a terminal', tty: true, env: {}, interactive: true },
    { where: 'a pipe, even with forced colours', tty: false, env: { FORCE_COLOR: '1' }, interactive: false },
    { where: 'a terminal in CI', tty: true, env: { CI: 'true' }, interactive: false },
    { where: 'a dumb terminal', tty: true, env: { TERM: 'dumb' }, interactive: false },
  ])('on $where: $interactive', ({ tty, env, interactive }) => {
    expect(captureTerminal({ tty, env }).terminal.interactive).toBe(interactive);
  });
});

describe('Unicode', () => {
  test.each([
    [{}, true],
    [{ LANG: 'en_GB.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'C.UTF-8', TERM: 'linux' }, false],
  ])('with %j: %s', (env, unicode) => {
    expect(captureTerminal({ env }).terminal.unicode).toBe(unicode);
  });
});

test('what is drawn on a terminal that says it is 0 wide is drawn over again', () => {
  const { terminal, stderr } = captureTerminal({ tty: true, columns: 0, rows: 0 });
  terminal.screen.draw(['first']);
  terminal.screen.draw(['second']);
  expect(emulatedScreen(stderr(), 80).lines).toEqual(['second', '']);
});

test('print goes to standard output, printError to standard error, each a line', () => {
  const { terminal, stdout, stderr } = captureTerminal();
  terminal.print('data');
  terminal.print();
  terminal.printError('trouble');
  expect([stdout(), stderr()]).toEqual(['data\n\n', 'trouble\n']);
});

test('the width is 80 where nobody knows it', () => {
  expect(captureTerminal().terminal.width).toBe(80);
  expect(captureTerminal({ tty: true, columns: 132 }).terminal.width).toBe(132);
  // As a terminal does whose size nobody has set.
  const { terminal } = captureTerminal({ tty: true, columns: 0, rows: 0 });
  expect([terminal.width, terminal.screen.width, terminal.screen.height]).toEqual([80, 80, 24]);
});
