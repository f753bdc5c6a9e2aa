import { Type } from 'typebox';
import { isNotFound } from '../cluster-error.ts';
import type { Http } from '../http.ts';
import { nullable } from '../shapes.ts';
import { Allocation, AllocationStats, FileInfo } from './allocation.ts';
import { frames, type LogFrame } from './frames.ts';
import { type Abortable, type Blocking, blocking, type Indexed } from './request.ts';

export interface LogOptions extends Abortable {
  type: 'stdout' | 'stderr';
  /** Go on until the signal aborts. Nomad does not end the stream when the task ends. */
  follow: boolean;
  /** Bytes from the start of the oldest log file, or from the end of the newest. */
  origin: 'start' | 'end';
  offset: number;
}

/** `/v1/allocation/…`, and what a node's agent knows of its instances (`/v1/client/…`). */
export class Allocations {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Instances of all jobs with what they reserve, newest first. */
  async list(options: Abortable = {}): Promise<Allocation[]> {
    const list = await this.#http.json('/v1/allocations', nullable(Type.Array(Allocation)), {
      query: { resources: true },
      signal: options.signal,
    });
    return (list ?? []).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
  }

  async get(id: string, options: Abortable = {}): Promise<Allocation | null> {
    return this.#http.json(`/v1/allocation/${encodeURIComponent(id)}`, Allocation, options).catch((error) => {
      if (isNotFound(error)) return null;
      throw error;
    });
  }

  async watch(id: string, options: Blocking = {}): Promise<Indexed<Allocation>> {
    return this.#http.jsonWithIndex(
      `/v1/allocation/${encodeURIComponent(id)}`,
      Allocation,
      blocking(options),
    );
  }

  /** Memory and CPU that an instance uses now; answered by its node. */
  async stats(id: string, options: Abortable = {}): Promise<AllocationStats> {
    return this.#http.json(client('allocation', id, 'stats'), AllocationStats, options);
  }

  /** Restarts the tasks in place: same node, same ports; or one task of it. */
  async restart(id: string, options: Abortable & { task?: string } = {}): Promise<void> {
    await this.#http.text(client('allocation', id, 'restart'), {
      method: 'PUT',
      body: options.task === undefined ? {} : { TaskName: options.task },
      signal: options.signal,
    });
  }

  /** Stops the instance; the scheduler places a new one. */
  async stop(id: string, options: Abortable = {}): Promise<string> {
    const { EvalID } = await this.#http.json(
      `/v1/allocation/${encodeURIComponent(id)}/stop`,
      Type.Object({ EvalID: Type.String() }),
      { method: 'PUT', signal: options.signal },
    );
    return EvalID;
  }

  /** A file of the instance's folder, for instance `alloc/edge/refusal.txt`; null when there is none. */
  async cat(id: string, path: string, options: Abortable = {}): Promise<string | null> {
    const request = { query: { path }, signal: options.signal };
    try {
      // Of a file that is not there, `cat` answers 200 and the error as if it were the file; `stat` answers 404.
      await this.#http.text(client('fs', 'stat', id), request);
      return await this.#http.text(client('fs', 'cat', id), request);
    } catch (error) {
      if (isMissingFile(error)) return null;
      throw error;
    }
  }

  /** The files of a folder of the instance; none when there is no such folder. */
  async files(id: string, path: string, options: Abortable = {}): Promise<FileInfo[]> {
    const schema = nullable(Type.Array(FileInfo));
    const list = await this.#http
      .json(client('fs', 'ls', id), schema, { query: { path }, signal: options.signal })
      .catch((error) => {
        if (isMissingFile(error)) return null;
        throw error;
      });
    return list ?? [];
  }

  /** What a task wrote, in pieces of no particular size; rotated files follow each other. */
  logs(id: string, task: string, options: LogOptions): AsyncGenerator<LogFrame> {
    const { type, follow, origin, offset, signal } = options;
    const query = { task, type, follow, origin, offset };
    return frames(this.#http.stream(client('fs', 'logs', id), { query, signal }));
  }

  /** The last bytes of what a task wrote, as text; empty when it never started. A multi-byte character may be cut. */
  async tail(
    id: string,
    task: string,
    options: Abortable & { type: 'stdout' | 'stderr'; bytes: number },
  ): Promise<string> {
    const parts: Uint8Array[] = [];
    const log = this.logs(id, task, { ...options, follow: false, origin: 'end', offset: options.bytes });
    try {
      for await (const frame of log) parts.push(frame.data);
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
    return Buffer.concat(parts).toString('utf8');
  }
}

/** Ids come from Nomad; encoded all the same, so that no other path can be reached. */
function client(...parts: string[]): string {
  return ['/v1/client', ...parts.map(encodeURIComponent)].join('/');
}

/** A node's agent says 404 or 500 with the operating system's words when a file or the instance's folder is gone. */
function isMissingFile(error: unknown): boolean {
  if (isNotFound(error)) return true;
  return (
    error instanceof Error &&
    'reply' in error &&
    typeof error.reply === 'string' &&
    /no such file or directory|unknown allocation|log entry for task .* not found|not started yet/i.test(
      error.reply,
    )
  );
}
