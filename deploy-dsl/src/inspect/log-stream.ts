import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError, isNotFound } from '../cluster/cluster-error.ts';
import type { LogSource } from './log-source.ts';

export interface OpenOptions {
  /** Read at most this many bytes that are there already; null for all. */
  bytes: number | null;
  follow: boolean;
  signal: AbortSignal;
}

/** A line as it was written; `caught up` comes once, after what was there when the log was opened. */
export type LogPiece = { kind: 'line'; text: string } | { kind: 'caught up' };

/** A program that never ends its line must not fill the memory. */
const longestLine = 1024 * 1024;
const retryMs = 500;

/**
 * The lines of a log, oldest first. Nothing, when the task never started or the instance is gone. Following, it waits for a
 * task that has not started yet, goes on after a broken connection where it was, and ends only with the signal.
 *
 * @returns the lines, and whether all of them: false where older ones were left out
 */
export async function openLog(
  source: LogSource,
  options: OpenOptions,
): Promise<{ whole: boolean; pieces: AsyncGenerator<LogPiece> }> {
  const size = await sizeOf(source, options.signal);
  const old = options.bytes === null ? size : Math.min(options.bytes, size);
  return { whole: old === size, pieces: piecesOf(source, size, old, options) };
}

async function* piecesOf(
  source: LogSource,
  size: number,
  old: number,
  { follow, signal }: OpenOptions,
): AsyncGenerator<LogPiece> {
  const decoder = new TextDecoder();
  let rest = '';
  let caughtUp = old === 0;
  // What is read from the middle starts within a line.
  let skipping = old < size;
  if (caughtUp) {
    yield { kind: 'caught up' };
    if (!follow) return;
  }
  for await (const { data, read } of bytesOf(source, size, old, follow, signal)) {
    const parts = (rest + decoder.decode(data, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > longestLine) {
      parts.push(rest);
      rest = '';
    }
    for (const text of parts) {
      if (!skipping) yield { kind: 'line', text: text.replace(/\r$/, '') };
      skipping = false;
    }
    if (!caughtUp && read >= old) {
      caughtUp = true;
      yield { kind: 'caught up' };
    }
  }
  if (rest !== '' && !skipping) yield { kind: 'line', text: rest };
  if (!caughtUp) yield { kind: 'caught up' };
}

/** The log piece by piece, and how many bytes were read with it. */
async function* bytesOf(
  source: LogSource,
  size: number,
  old: number,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<{ data: Uint8Array; read: number }> {
  const { nomad, instance, task, stream: type } = source;
  let read = 0;
  for (;;) {
    try {
      // Counted from the beginning: the end has moved on since the size was asked for.
      const offset = size - old + read;
      const log = nomad.allocations.logs(instance, task, { type, follow, origin: 'start', offset, signal });
      for await (const { data } of log) {
        read += data.length;
        yield { data, read };
      }
      if (!follow) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!follow && isNotFound(error)) return;
      if (!follow || !(error instanceof ClusterError)) throw error;
    }
    await sleep(retryMs, undefined, { signal });
  }
}

/** Bytes in all files of the log that Nomad still keeps. */
async function sizeOf({ nomad, instance, task, stream }: LogSource, signal: AbortSignal): Promise<number> {
  try {
    const files = await nomad.allocations.files(instance, 'alloc/logs', { signal });
    return files
      .filter(({ Name }) => Name.startsWith(`${task}.${stream}.`) && /\.\d+$/.test(Name))
      .reduce((sum, { Size }) => sum + Size, 0);
  } catch (error) {
    signal.throwIfAborted();
    // The node is gone, and its files with it.
    if (error instanceof ClusterError) return 0;
    throw error;
  }
}
