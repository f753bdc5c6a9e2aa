import http from 'node:http';

/** One kind of request of the mixture; `make` is called for every request, so that bodies can differ. */
export interface Operation {
  name: string;
  /** Safe to be retried by the edge (RFC 9110, section 9.2.2). */
  idempotent: boolean;
  make(): { method: string; path: string; headers?: Record<string, string>; body?: string };
  /** Status codes that count as success. */
  expect: readonly number[];
}

export interface Failure {
  operation: string;
  /** Milliseconds since the start of the load. */
  atMs: number;
  /** The status code, or the error's code (`ECONNRESET`, `TIMEOUT`, …). */
  reason: string;
  /** The request went out on a connection that had been used before. */
  reusedConnection: boolean;
}

export interface LoadResult {
  seconds: number;
  sent: number;
  failedIdempotent: number;
  failedOther: number;
  /** The first 100. */
  failures: Failure[];
  latencyMs: { p50: number; p99: number; max: number };
}

export interface LoadOptions {
  origin: string;
  requestsPerSecond: number;
  /** Keep-alive connections, as a browser or a load balancer in front would hold. */
  connections: number;
  operations: readonly Operation[];
  timeoutMs?: number;
}

export interface Load {
  /** So far; for a progress line. */
  readonly sent: number;
  readonly failed: number;
  /** Sends no more, waits for the answers on the way, and sums up. */
  stop(): Promise<LoadResult>;
}

/**
 * Open-loop load at a constant rate over keep-alive connections. Nothing is retried on this side and every request
 * is accounted for: the well-known load generators reconnect silently when a connection ends with a request on it,
 * which hides just the failures that a rolling deploy could cause.
 */
export function startLoad(options: LoadOptions): Load {
  const agent = new http.Agent({ keepAlive: true, maxSockets: options.connections });
  const url = new URL(options.origin);
  const started = performance.now();
  const latencies: number[] = [];
  const failures: Failure[] = [];
  const underway = new Set<Promise<void>>();
  const failed = { idempotent: 0, other: 0 };
  let sent = 0;

  const timer = setInterval(sendWhatIsDue, 5);

  /** Timers drift; sending what the clock says is due keeps the rate. */
  function sendWhatIsDue(): void {
    const due = Math.floor(((performance.now() - started) / 1000) * options.requestsPerSecond);
    while (sent < due) {
      const operation = options.operations[sent % options.operations.length];
      if (operation === undefined) return;
      sent++;
      const request = send(operation).finally(() => underway.delete(request));
      underway.add(request);
    }
  }

  async function send(operation: Operation): Promise<void> {
    const { method, path, headers, body } = operation.make();
    const begun = performance.now();
    const outcome = await new Promise<{ reason: string | null; reused: boolean }>((resolve) => {
      const request = http.request({
        agent,
        hostname: url.hostname,
        port: url.port,
        method,
        path,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        timeout: options.timeoutMs ?? 10_000,
      });
      const settle = (reason: string | null) => resolve({ reason, reused: request.reusedSocket });
      request.on('timeout', () =>
        request.destroy(Object.assign(new Error('timed out'), { code: 'TIMEOUT' })),
      );
      request.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      request.on('response', (response) => {
        const status = response.statusCode ?? 0;
        response.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
        response.on('end', () => settle(operation.expect.includes(status) ? null : String(status)));
        response.resume();
      });
      request.end(body);
    });
    latencies.push(performance.now() - begun);
    if (outcome.reason === null) return;
    if (operation.idempotent) failed.idempotent++;
    else failed.other++;
    if (failures.length < 100) {
      failures.push({
        operation: operation.name,
        atMs: Math.round(begun - started),
        reason: outcome.reason,
        reusedConnection: outcome.reused,
      });
    }
  }

  return {
    get sent() {
      return sent;
    },
    get failed() {
      return failed.idempotent + failed.other;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underway);
      agent.destroy();
      latencies.sort((a, b) => a - b);
      const at = (share: number) =>
        latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
      return {
        seconds: (performance.now() - started) / 1000,
        sent,
        failedIdempotent: failed.idempotent,
        failedOther: failed.other,
        failures,
        latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
      };
    },
  };
}
