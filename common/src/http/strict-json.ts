import { escapePointer } from '../validator.ts';
import { duplicateKey, forbiddenKey, malformedJson } from './problems.ts';

/** Deeper nesting than this is an attack on whoever walks the value recursively. */
const MAX_DEPTH = 64;

interface Level {
  /** Keys seen so far in an object; null in an array. */
  keys: Set<string> | null;
  /** The key or index that is being read. */
  at: string | number;
}

/**
 * `JSON.parse` for text from outside. Two readers of the same text must not understand different things, so a key
 * that is there twice is refused, and so are `__proto__` and `constructor.prototype`, which turn a careless merge
 * into a change of every object.
 *
 * @throws Problem malformed-json, duplicate-key or forbidden-key, with a pointer to the key
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformedJson();
  }
  // Only objects have keys, and most values that are not objects are short.
  if (typeof value === 'object' && value !== null) checkKeys(text);
  return value;
}

/** Walks JSON that is known to be well-formed, so that only strings and brackets matter. */
function checkKeys(text: string): void {
  const levels: Level[] = [];
  let expectKey = false;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22: {
        const end = endOfString(text, index);
        if (expectKey) {
          readKey(text.slice(index, end + 1), levels);
          expectKey = false;
        }
        index = end;
        break;
      }
      case 0x7b: // {
        if (levels.length >= MAX_DEPTH)
          throw malformedJson(`It is nested more than ${MAX_DEPTH} levels deep.`);
        levels.push({ keys: new Set(), at: '' });
        expectKey = true;
        break;
      case 0x5b: // [
        if (levels.length >= MAX_DEPTH)
          throw malformedJson(`It is nested more than ${MAX_DEPTH} levels deep.`);
        levels.push({ keys: null, at: 0 });
        expectKey = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop();
        expectKey = false;
        break;
      case 0x2c: {
        // ,
        const level = levels.at(-1);
        if (level === undefined) break;
        expectKey = level.keys !== null;
        if (typeof level.at === 'number') level.at += 1;
        break;
      }
    }
  }
}

function readKey(literal: string, levels: Level[]): void {
  const level = levels.at(-1);
  if (level === undefined || level.keys === null) return;
  const key = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
  const parent = levels.at(-2);
  level.at = key;
  if (level.keys.has(key)) throw duplicateKey(undefined, { errors: [errorAt(levels, 'is there twice')] });
  if (key === '__proto__' || (key === 'prototype' && parent?.at === 'constructor')) {
    throw forbiddenKey(undefined, { errors: [errorAt(levels, 'is not accepted as a key')] });
  }
  level.keys.add(key);
}

function errorAt(levels: Level[], detail: string) {
  const pointer = levels.map((level) => `/${escapePointer(String(level.at))}`).join('');
  return { in: 'body' as const, pointer, detail };
}

/** Index of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}
