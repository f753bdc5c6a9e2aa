import { open } from 'node:fs/promises';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import {
  secretFileUnreadable,
  secretNotText,
  secretTooLarge,
  secretValueMissing,
} from '../language/errors/service.ts';

/** Nomad's limit for a variable, the names and values of all its items together. */
export const mostBytes = 64 * 1024;

/** Whose value it is, for what is said of it. The value itself is in no message. */
export interface SecretName {
  service: string;
  name: string;
}

/**
 * The value of a secret from a file, or from a stream.
 *
 * @param source path of a file; or where the value is piped in, of which no more is read than fits
 * @throws TandemError (exit 2): not readable, empty, too large, not text
 */
export async function readSecret(
  source: string | AsyncIterable<Uint8Array>,
  about: SecretName,
): Promise<string> {
  const bytes = typeof source === 'string' ? await bytesOfFile(source) : await firstBytes(source);
  const { service, name } = about;
  if (bytes.length > mostBytes) throw bad(secretTooLarge(name, mostBytes - name.length));
  const text = bytes.toString('utf8');
  if (text.includes('\0') || !Buffer.from(text, 'utf8').equals(bytes)) throw bad(secretNotText(name));
  // What `echo` adds is no part of a password; of a key in PEM it does not matter.
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw bad(secretValueMissing(service, name));
  return value;
}

async function bytesOfFile(path: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    return await firstBytes(file.createReadStream({ autoClose: false }));
  } catch (error) {
    throw bad(secretFileUnreadable(path, reasonOf(error)));
  }
}

/** One byte more than fits tells that it is too large, however large it is. */
async function firstBytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part);
    length += part.length;
    if (length > mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes + 1);
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return reasons[code] ?? (code || String(error));
}

function bad(diagnostic: ReturnType<typeof secretNotText>): TandemError {
  return new TandemError([diagnostic], exitCodes.badInput);
}
