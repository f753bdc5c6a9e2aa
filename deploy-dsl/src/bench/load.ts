import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { percentile } from './statistics.ts';

/**
 * Why a request may be sent twice: its method is idempotent (RFC 9110, section 9.2.2), it carries an
 * `Idempotency-Key`, or never.
 */
export type Repeatable = 'by method' | 'by key' | 'never';

/** One request of the mixture. */
export interface Prepared {
  /** As it is reported: `POST /api/rooms/:id/join`. */
  name: string;
  repeatable: Repeatable;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Status codes that count as success. */
  expect: readonly number[];
  /** Given the body of a successful answer. */
  onSuccess?(body: string): void;
}

export interface Failure {
  name: string;
  repeatable: Repeatable;
  /** Finds the request in the logs of the edge and of the services. */
  requestId: string;
  /** ISO 8601. */
  at: string;
  /** How long it took to fail. */
  ms: number;
  /** Status and problem code (`502 upstream-failed`), or the error's code (`ECONNRESET`, `TIMEOUT`, …). */
  reason: string;
  /** The request went out on a connection that had been used before. */
  reusedConnection: boolean;
}

export interface LoadResult {
  seconds: number;
  sent: Record<Repeatable, number>;
  failed: Record<Repeatable, number>;
  /** The first 100. */
  failures: Failure[];
  latencyMs: { p50: number; p99: number; max: number };
}

export interface LoadOptions {
  origin: string;
  requestsPerSecond: number;
  /** Called for every request. */
  next(): Prepared;
  /** A person gives up after this time. */
  timeoutMs?: number;
}

export interface Load {
  /** So far; for a progress line. */
  readonly sent: number;
  readonly failed: number;
  /** Milliseconds, of all requests so far. */
  readonly medianMs: number;
  /** Sends no more, waits for the answers on the way, and sums up. */
  stop(): Promise<LoadResult>;
}

/**
 * Open-loop load at a constant rate. Nothing is retried on this side and every request is accounted for: the well-known
 * load generators reconnect silently when a connection ends with a request on it, which hides just the failures that a
 * rolling deploy could cause.
 */
export function startLoad(options: LoadOptions): Load {
  const timeoutMs = options.timeoutMs ?? 10_000;
  // As many connections as there are requests under way: a person does not wait for another one's connection. Only with a
  // timeout of its own does an agent leave idle connections when the server's `Keep-Alive` header says so.
  const agent = new http.Agent({ keepAlive: true, timeout: timeoutMs });
  const url = new URL(options.origin);
  const run = randomBytes(4).toString('hex');
  const started = performance.now();
  const latencies: number[] = [];
  const failures: Failure[] = [];
  const underway = new Set<Promise<void>>();
  const sent = { 'by method': 0, 'by key': 0, never: 0 };
  const failed = { 'by method': 0, 'by key': 0, never: 0 };
  let count = 0;

  const timer = setInterval(sendWhatIsDue, 5);

  /** Timers drift; sending what the clock says is due keeps the rate. */
  function sendWhatIsDue(): void {
    const due = Math.floor(((performance.now() - started) / 1000) * options.requestsPerSecond);
    while (count < due) {
      count++;
      const prepared = options.next();
      sent[prepared.repeatable]++;
      const request = send(prepared, `bench-${run}-${count}`).finally(() => underway.delete(request));
      underway.add(request);
    }
  }

  async function send(prepared: Prepared, requestId: string): Promise<void> {
    const at = new Date();
    const begun = performance.now();
    const { reason, reusedConnection, body } = await exchange(prepared, requestId);
    const ms = performance.now() - begun;
    latencies.push(ms);
    if (reason === null) {
      prepared.onSuccess?.(body);
      return;
    }
    const { name, repeatable } = prepared;
    failed[repeatable]++;
    if (failures.length < 100) {
      failures.push({
        name,
        repeatable,
        requestId,
        at: at.toISOString(),
        ms: Math.round(ms),
        reason,
        reusedConnection,
      });
    }
  }

  function exchange(
    { method, path, headers, body, expect }: Prepared,
    requestId: string,
  ): Promise<{ reason: string | null; reusedConnection: boolean; body: string }> {
    return new Promise((resolve) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const request = http.request({
        agent,
        hostname: url.hostname,
        port: url.port,
        method,
        path,
        headers: { ...headers, ...length, 'x-request-id': requestId },
      });
      const timer = setTimeout(
        () => request.destroy(Object.assign(new Error('timed out'), { code: 'TIMEOUT' })),
        timeoutMs,
      );
      const settle = (reason: string | null, text = '') => {
        clearTimeout(timer);
        resolve({ reason, reusedConnection: request.reusedSocket, body: text });
      };
      const broken = (error: NodeJS.ErrnoException) => settle(error.code ?? error.message);
      request.on('error', broken);
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', broken);
        response.on('end', () =>
          settle(expect.includes(status) ? null : `${status} ${problemCode(text)}`.trim(), text),
        );
      });
      request.end(body);
    });
  }

  return {
    get sent() {
      return count;
    },
    get failed() {
      return failed['by method'] + failed['by key'] + failed.never;
    },
    get medianMs() {
      return percentile(latencies, 0.5);
    },
    async stop() {
      clearInterval(timer);
      const seconds = (performance.now() - started) / 1000;
      await Promise.all(underway);
      agent.destroy();
      const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(latencies, share));
      return {
        seconds,
        sent,
        failed,
        failures,
        latencyMs: { p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN, max: max ?? Number.NaN },
      };
    },
  };
}

/** The code of a problem+json; empty for any other body. */
function problemCode(body: string): string {
  return /"code":"([\w-]+)"/.exec(body)?.[1] ?? '';
}
