import { type Static, Type } from '../schema.ts';
import type { App } from './app.ts';

/** Rejects, with the reason, while the service cannot do its work. */
export type ReadyCheck = () => Promise<void>;

const HealthSchema = Type.Object({
  status: Type.Enum(['ready', 'not ready', 'stopping']),
  checks: Type.Record(Type.String(), Type.String(), { description: '"ok", or why not, by name' }),
});

type Health = Static<typeof HealthSchema>;

/** A check that hangs says nothing about the others. */
const CHECK_TIMEOUT_MS = 1_000;

/**
 * `GET /healthz/live` answers as long as the process works: a restart helps when it does not.
 * `GET /healthz/ready` answers 200 when every check passes and 503 otherwise, or when the service stops: requests
 * go elsewhere meanwhile, and a restart would not help.
 */
export function addHealth(
  app: App,
  checks: ReadonlyMap<string, ReadyCheck>,
  isStopping: () => boolean,
): void {
  const config = { access: 'public', quiet: true } as const;
  app.get('/healthz/live', { config, schema: { hide: true } }, () => ({ status: 'live' }));
  app.get('/healthz/ready', { config, schema: { hide: true } }, async (_request, reply) => {
    const health = await readHealth(checks, isStopping());
    return reply.code(health.status === 'ready' ? 200 : 503).send(health);
  });
}

async function readHealth(checks: ReadonlyMap<string, ReadyCheck>, stopping: boolean): Promise<Health> {
  if (stopping) return { status: 'stopping', checks: {} };
  const results = await Promise.all(
    [...checks].map(async ([name, check]): Promise<[string, string]> => [name, await outcome(check)]),
  );
  const ready = results.every(([, result]) => result === 'ok');
  return { status: ready ? 'ready' : 'not ready', checks: Object.fromEntries(results) };
}

async function outcome(check: ReadyCheck): Promise<string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`);
  try {
    return await Promise.race([check().then(() => 'ok'), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
