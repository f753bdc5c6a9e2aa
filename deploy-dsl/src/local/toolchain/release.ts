import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../files.ts';

export interface Download {
  url: string;
  /** The complete file appears here, once its checksum is right. */
  to: string;
  /** SHA-256, hexadecimal; null where the vendor publishes none. */
  sha256: string | null;
  signal: AbortSignal;
  /** Bytes so far, and in all where the server tells. */
  progress(received: number, total: number | null): void;
}

/** Why a release could not be had; another way may do. */
export class ReleaseUnavailable extends Error {
  override readonly name = 'ReleaseUnavailable';
}

/** A host that is not allowed answers at once or never. */
const connectMs = 5_000;
/** Without a byte for this long, the connection is given up. */
const stalledMs = 15_000;

/**
 * Downloads a file, going on where an earlier attempt was cut off (`<to>.part`), and checks it.
 *
 * @throws ReleaseUnavailable when the server cannot be reached, refuses, stalls, or sends something else
 */
export async function download(what: Download): Promise<void> {
  const part = `${what.to}.part`;
  await mkdir(dirname(part), { recursive: true });
  try {
    await fetchTo(part, what);
  } catch (error) {
    what.signal.throwIfAborted();
    if (error instanceof ReleaseUnavailable) throw error;
    throw new ReleaseUnavailable(reasonOf(error, new URL(what.url).host));
  }
  if (what.sha256 !== null && (await sha256Of(part)) !== what.sha256) {
    await rm(part, { force: true });
    throw new ReleaseUnavailable(
      `what ${new URL(what.url).host} sends has another checksum than the release`,
    );
  }
  await rename(part, what.to);
}

async function fetchTo(part: string, { url, signal, progress }: Download): Promise<void> {
  const have = await sizeOf(part);
  const patience = new AbortController();
  let timer = setTimeout(
    () => patience.abort(new Error(`no answer within ${connectMs / 1000} s`)),
    connectMs,
  );
  try {
    const response = await fetch(url, {
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
      signal: AbortSignal.any([signal, patience.signal]),
    });
    // The part is the whole already; its checksum tells.
    if (response.status === 416) return;
    if (!response.ok || response.body === null) {
      throw new ReleaseUnavailable(`${new URL(url).host} answers ${response.status}`);
    }
    const goesOn = response.status === 206;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    let received = goesOn ? have : 0;
    const total = Number.isNaN(length) ? null : received + length;
    const file = await open(part, goesOn ? 'a' : 'w');
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(() => patience.abort(new Error('the connection stalls')), stalledMs);
        await file.write(chunk);
        received += chunk.length;
        progress(received, total);
      }
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** fetch hides the reason in the cause, and that sometimes in a bundle of several. */
function reasonOf(error: unknown, host: string): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return reasonOf(error.cause.errors[0], host);
  if (error.cause instanceof Error) return reasonOf(error.cause, host);
  if (hasCode(error, 'ENOTFOUND', 'EAI_AGAIN')) return `no address is known for ${host}`;
  return error.message;
}
