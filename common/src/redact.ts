const SECRET_NAMES = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'passwordhash',
  'secret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'grant',
  'privatekey',
  'apikey',
]);

/** A log line is no place for deeper structures, and a cycle must end. */
const DEEPEST = 5;

/**
 * "[redacted]" for what stands under the name of a secret, however it is written (`access_token`, `Access-Token`).
 * The very same object comes back when there is nothing to hide, which is nearly always: pino's own redaction by
 * paths takes ten times as long as writing the line.
 */
export function redact(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let hidden: Record<string, unknown> | null = null;
  for (const key in fields) {
    const value = fields[key];
    const shown = isSecret(key) && value !== undefined ? '[redacted]' : redactValue(value, depth);
    if (shown === value) continue;
    hidden ??= { ...fields };
    hidden[key] = shown;
  }
  return hidden ?? fields;
}

function redactValue(value: unknown, depth: number): unknown {
  if (depth >= DEEPEST) return value;
  if (Array.isArray(value)) {
    const shown = value.map((item) => redactValue(item, depth + 1));
    return shown.every((item, index) => item === value[index]) ? value : shown;
  }
  return isRecord(value) ? redact(value, depth + 1) : value;
}

/** Objects of a class know how to show themselves: errors by their serializer, dates and secrets by `toJSON`. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const known = new Map<string, boolean>();

function isSecret(key: string): boolean {
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  const secret = SECRET_NAMES.has(key.replaceAll(/[-_]/g, '').toLowerCase());
  // Names of fields come from the code, but one that logs a caller's object must not fill the memory.
  if (known.size < 1_000) known.set(key, secret);
  return secret;
}
