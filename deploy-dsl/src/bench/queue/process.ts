/** What the processes of the bench are told, by environment variables. */
export interface QueueOfProcess {
  /** Of RabbitMQ. */
  url: string;
  queue: string;
  /** The variable QUEUES. */
  queues: string;
  messages: number;
  /** Unconfirmed messages at once. */
  window: number;
  /** Unacknowledged messages at once. */
  prefetch: number;
  /** URL of the Redis; empty for none. */
  redis: string;
}

export function queueOfProcess(env: NodeJS.ProcessEnv = process.env): QueueOfProcess {
  const text = (name: string) => env[`BENCH_${name}`] ?? '';
  return {
    url: text('URL'),
    queue: text('QUEUE'),
    queues: text('QUEUES'),
    messages: Number(text('MESSAGES')),
    window: Number(text('WINDOW')),
    prefetch: Number(text('PREFETCH')),
    redis: text('REDIS'),
  };
}

/** The same as environment variables. */
export function variablesOf(told: QueueOfProcess): Record<string, string> {
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [`BENCH_${name.toUpperCase()}`, String(value)]),
  );
}

/** The one line that the bench reads, and the end of the process. */
export function report(ms: number): void {
  process.stdout.write(`took ${ms}\n`, () => process.exit(0));
}
