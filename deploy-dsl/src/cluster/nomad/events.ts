import { setTimeout as sleep } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { clusterNonsense } from '../../language/errors/cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import type { Http } from '../http.ts';
import { EventBatch, type NomadEvent, type Topic } from './event.ts';

export interface EventOptions {
  /** For instance `{ Allocation: ['*'], Deployment: ['*'] }`, or ids of jobs, which match all that belongs to them. */
  topics: Partial<Record<Topic, string[]>>;
  /** Only events after this index; left out: those from now on. */
  index?: number | undefined;
  signal: AbortSignal;
}

const path = '/v1/event/stream';

/** Nomad sends a heartbeat every 10 s; a silence this long means that the connection is dead. */
const silenceMs = 30_000;

/**
 * Changes of the cluster as they happen, until the signal aborts (then it ends, without an error). A connection that breaks is
 * made anew and goes on after the last event; the server keeps about the last hundred events, so that a longer
 * interruption may lose some. Throws when the server cannot be reached at the first try.
 */
export async function* events(http: Http, options: EventOptions): AsyncGenerator<NomadEvent> {
  let index = options.index;
  let connected = false;
  while (!options.signal.aborted) {
    try {
      for await (const event of connection(http, { ...options, index })) {
        connected = true;
        if (index !== undefined && event.Index < index) continue;
        index = event.Index;
        yield event;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      const refused = error instanceof ClusterError && error.status !== null && error.status < 500;
      if (!connected || refused) throw error;
    }
    await sleep(500, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function* connection(http: Http, options: EventOptions): AsyncGenerator<NomadEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  const topic = Object.entries(options.topics).flatMap(([name, keys]) => keys.map((key) => `${name}:${key}`));
  const chunks = http.stream(path, {
    query: { topic, index: options.index },
    signal: AbortSignal.any([options.signal, silence.signal]),
    timeoutMs: silenceMs,
  });
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of chunks) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield* parse(line);
    }
  } finally {
    clearTimeout(timer);
  }
}

function parse(line: string): NomadEvent[] {
  if (line.trim() === '') return [];
  const batch: unknown = JSON.parse(line);
  if (Value.Check(EventBatch, batch)) return batch.Events ?? [];
  const first = Value.Errors(EventBatch, batch)[0];
  const problem = `${first?.instancePath ?? ''} ${first?.message ?? ''}`;
  throw new ClusterError(
    { system: 'Nomad', status: 200, message: problem, path },
    clusterNonsense('Nomad', `GET ${path}`, problem),
  );
}
