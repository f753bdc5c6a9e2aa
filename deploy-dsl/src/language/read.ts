import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { exitCodes, TandemError } from './diagnostic.ts';
import { badEncoding, fileMissing, fileTooLarge, fileUnreadable } from './errors/syntax.ts';
import { SourceText } from './source-text.ts';

/** Largest file that is read, in bytes: seven times what 1,000 services need. */
export const maxFileBytes = 2 * 1_048_576;

/**
 * Reads a file as UTF-8.
 * @param display how messages name the file
 * @throws TandemError TDM-101 to TDM-104
 */
export async function readSource(path: string, display: string): Promise<SourceText> {
  const fail = (diagnostic: ReturnType<typeof fileMissing>) =>
    new TandemError([diagnostic], exitCodes.badInput);
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      throw fail(
        fileUnreadable(display, found.isDirectory() ? 'it is a folder' : 'it is not an ordinary file'),
      );
    }
    if (found.size > maxFileBytes) {
      throw fail(fileTooLarge(display, found.size, maxFileBytes));
    }
    return decode(await readFile(path), display);
  } catch (error) {
    if (error instanceof TandemError) {
      throw error;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw fail(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? fileMissing(display)
        : fileUnreadable(display, reasons[code] ?? String(error)),
    );
  }
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/**
 * Bytes to text. A UTF-8 byte order mark is dropped.
 * @throws TandemError TDM-104 for anything that is not UTF-8
 */
export function decode(bytes: Uint8Array, file: string): SourceText {
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) {
    throw new TandemError([badEncoding({ file, range: null }, utf16)], exitCodes.badInput);
  }
  if (!isUtf8(bytes)) {
    throw new TandemError(
      [badEncoding(firstBadByte(bytes, file), 'it holds other bytes')],
      exitCodes.badInput,
    );
  }
  return new SourceText(file, new TextDecoder().decode(bytes));
}

function utf16Of(bytes: Uint8Array): string | null {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    return 'it looks like UTF-16';
  }
  // Without a mark: ASCII in UTF-16 has a zero in every other byte.
  const zeroFirst = a === 0 && b !== 0 && bytes[2] === 0;
  const zeroSecond = a !== 0 && b === 0 && bytes[3] === 0;
  return bytes.length >= 4 && (zeroFirst || zeroSecond) ? 'it looks like UTF-16' : null;
}

function firstBadByte(bytes: Uint8Array, file: string) {
  let line = 1;
  for (let start = 0; start <= bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const slice = bytes.subarray(start, end);
    if (!isUtf8(slice)) {
      // Everything before the first replacement that the source does not itself hold is sound.
      let sound = slice.length;
      while (sound > 0 && !isUtf8(slice.subarray(0, sound))) {
        sound--;
      }
      const column = new TextDecoder().decode(slice.subarray(0, sound)).length + 1;
      return { file, range: { start: { line, column }, end: { line, column: column + 1 } } };
    }
    start = end + 1;
  }
  return { file, range: null };
}

/**
 * A text that is already in memory as a source.
 * @throws TandemError TDM-103 when it is too large
 */
export function sourceOf(text: string, file: string): SourceText {
  if (text.length > maxFileBytes) {
    throw new TandemError([fileTooLarge(file, text.length, maxFileBytes)], exitCodes.badInput);
  }
  return new SourceText(file, text.replace(/^\uFEFF/, ''));
}
