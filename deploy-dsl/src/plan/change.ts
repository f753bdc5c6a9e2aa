/** One difference, in the words of `services.yml`. */
export interface Change {
  /** What differs: `memory`, `instances`, `version`, `env LOG_LEVEL`, `route /api/rooms`. */
  what: string;
  /** Null: there was none. Masked where it may be a secret. */
  before: string | null;
  /** Null: there will be none. */
  after: string | null;
  /** The whole of it: `memory 128 → 256 MiB`, `route /api/rooms added`. */
  words: string;
}

/** `memory 128 → 256 MiB`; one side null gives `… added (256 MiB)` or `… removed`. */
export function change(what: string, before: string | null, after: string | null, unit = ''): Change {
  const suffix = unit === '' ? '' : ` ${unit}`;
  const words =
    before === null
      ? `${what} added${after === null || after === '' ? '' : ` (${after}${suffix})`}`
      : after === null
        ? `${what} removed`
        : `${what} ${before || '(none)'} → ${after || '(none)'}${suffix}`;
  return { what, before, after, words };
}

/** A difference whose two sides say nothing to a person, or must not be shown: `command changed`. */
export function changed(what: string, words = `${what} changed`): Change {
  return { what, before: null, after: null, words };
}

const secretNames =
  /secret|token|passw|passphrase|credential|private|api_?key|access_?key|\bkey\b|_key$|salt|dsn/i;
const secretValues = [
  // A user and password in a URL.
  /:\/\/[^/\s:@]*:[^/\s@]+@/,
  /-----BEGIN /,
  // A JSON Web Token.
  /\beyJ[\w-]{8,}\.[\w-]+\./,
  // Long random text: hexadecimal, or base64 with digits and both cases.
  /\b[0-9a-f]{32,}\b/i,
  /(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[A-Z])[\w+/=-]{28,}/,
];

/** True where a variable's name or value looks like a secret: it is then never shown. */
export function looksSecret(name: string, value: string): boolean {
  // Names of files and of services that hold a secret are not secret themselves.
  if (/_(FILE|PATH|SERVICE)$/.test(name)) return false;
  return secretNames.test(name) || secretValues.some((pattern) => pattern.test(value));
}

/** A variable's change; values that look like secrets are left out on both sides. */
export function variableChange(name: string, before: string | null, after: string | null): Change {
  const what = `env ${name}`;
  if (looksSecret(name, before ?? '') || looksSecret(name, after ?? '')) {
    const verb = before === null ? 'added' : after === null ? 'removed' : 'changed';
    return changed(what, `${what} ${verb} (value hidden)`);
  }
  if (before === null || after === null) {
    return change(what, before === null ? null : brief(before), after === null ? null : brief(after));
  }
  return change(what, ...briefPair(before, after));
}

/** Two values, each in one line of at most forty characters. Of long ones, what both begin with is left out. */
function briefPair(before: string, after: string): [string, string] {
  const lines: [string, string] = [oneLine(before), oneLine(after)];
  if (lines.every((line) => line.length <= longest)) return lines;
  let shared = 0;
  while (lines[0][shared] !== undefined && lines[0][shared] === lines[1][shared]) shared += 1;
  // From the beginning of the word in which they differ, if that shows where they do.
  const word = lines[0].slice(0, shared).search(/[^\s,;&]*$/);
  const from = Math.max(word, shared - longest * 0.75);
  const rest = (line: string) => brief(from > 0 ? `…${line.slice(from)}` : line);
  return [rest(lines[0]), rest(lines[1])];
}

const longest = 40;
const oneLine = (value: string): string => value.replace(/\s+/g, ' ').trim();

/** A value in one line of at most forty characters. */
export function brief(value: string): string {
  const line = oneLine(value);
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
