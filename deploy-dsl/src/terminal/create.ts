import { styleText } from 'node:util';
import { columnsOf, createScreen } from './screen.ts';
import type { Style, Terminal } from './terminal.ts';

/** The part of a stream that matters here: `process.stdout`, or what a test puts in its place. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/**
 * Looks once at the streams and the environment. Colours: FORCE_COLOR (anything but `0` and `false`) before
 * NO_COLOR (anything but empty) before "is it a terminal". Redrawing needs a terminal on standard error that is
 * neither dumb nor a CI log.
 */
export function createTerminal(stdout: Output, stderr: Output, env: NodeJS.ProcessEnv): Terminal {
  const interactive = stderr.isTTY === true && env.TERM !== 'dumb' && !isSet(env.CI);
  const colour = showsColour(stdout, env);
  const unicode = showsUnicode(env);
  const screen = createScreen(stderr, { interactive, style: styler(showsColour(stderr, env)) });
  const style = styler(colour);
  return {
    interactive,
    tty: stdout.isTTY === true,
    colour,
    unicode,
    get width() {
      return columnsOf(stdout);
    },
    print: (line = '') => screen.above(() => stdout.write(`${line}\n`)),
    printError: (line = '') => screen.above(() => stderr.write(`${line}\n`)),
    style: style.apply,
    screen,
  };
}

function styler(colour: boolean): { colour: boolean; apply(style: Style, text: string): string } {
  return {
    colour,
    apply: (style, text) =>
      colour && text !== '' ? styleText(style, text, { validateStream: false }) : text,
  };
}

function showsColour(stream: Output, env: NodeJS.ProcessEnv): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') {
    return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  }
  return stream.isTTY === true && !isSet(env.NO_COLOR) && env.TERM !== 'dumb';
}

/** Only a locale that says otherwise, or the kernel's own console with its 512 glyphs, gets plain ASCII. */
function showsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (env.TERM === 'linux') {
    return false;
  }
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  return locale === undefined || /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
