import { write, writeSync } from 'node:fs';

/** Where log lines go: the one standard output of the process. */
export interface StandardOutput {
  /** The text is written with all others of this turn of the event loop, in the background. */
  write(text: string): void;
  /** As `write`, within some milliseconds. */
  writeLater(text: string): void;
}

const STDOUT = 1;
const NOTHING = Buffer.alloc(0);

/** So many characters are written without waiting any longer. */
const LONGEST_WAITING = 64 * 1024;
const LATER_MS = 10;

/** When a reader that takes nothing at the moment is tried again. */
const AGAIN_MS = 20;

/** A reader that takes nothing holds up the end of the process for so long at most. */
const LONGEST_END_MS = 2_000;

/**
 * Writes in the background, all text of one turn of the event loop by one call, and what may wait by one call for many turns:
 * where many requests are answered, a call for each line would cost more than the line. At the end of the process the rest is
 * written at once. When nobody reads it any more, nothing is written any more.
 *
 * @param edit done to all text before it is written
 */
export function openStandardOutput(edit: (text: string) => string): StandardOutput {
  let waiting = '';
  let isDue = false;
  let later: NodeJS.Timeout | null = null;
  let isWriting = false;
  /** What the reader has not taken and is tried again. */
  let refused: Buffer = NOTHING;
  let isGone = false;

  function take(): Buffer {
    isDue = false;
    if (later !== null) clearTimeout(later);
    later = null;
    const bytes = Buffer.from(edit(waiting));
    waiting = '';
    return bytes;
  }

  function writeOut(): void {
    if (isWriting || waiting === '') return;
    isWriting = true;
    writeAll(take());
  }

  function writeAll(bytes: Buffer): void {
    refused = NOTHING;
    write(STDOUT, bytes, (error, written) => {
      if (error === null && written < bytes.length) {
        writeAll(bytes.subarray(written));
      } else if (error === null) {
        isWriting = false;
        writeOut();
      } else if (isBusy(error)) {
        refused = bytes;
        setTimeout(writeAll, AGAIN_MS, bytes);
      } else {
        isGone = true;
        waiting = '';
      }
    });
  }

  /** No callback comes any more: only what is written now is written. */
  function writeRest(): void {
    const until = performance.now() + LONGEST_END_MS;
    for (let bytes = Buffer.concat([refused, take()]); bytes.length > 0 && !isGone; ) {
      try {
        bytes = bytes.subarray(writeSync(STDOUT, bytes));
      } catch (error) {
        isGone = !isBusy(error) || performance.now() > until;
        if (!isGone) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
      }
    }
  }

  process.on('exit', writeRest);
  return {
    write(text) {
      if (isGone) return;
      waiting += text;
      if (waiting.length > LONGEST_WAITING) writeOut();
      if (isDue) return;
      isDue = true;
      setImmediate(writeOut);
    },
    writeLater(text) {
      if (isGone) return;
      waiting += text;
      if (waiting.length > LONGEST_WAITING) writeOut();
      else if (!isDue) later ??= setTimeout(writeOut, LATER_MS);
    },
  };
}

/** A pipe that does not block is full. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');
}
