import { flushCompileCache } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from './config/config.ts';
import { createLogger } from './log.ts';
import type { BuiltService, Service } from './service.ts';

/** Runs a service in this process until it is told to stop. */
export async function runService(service: Service): Promise<void> {
  const built = await buildOrExit(service);
  const { log, config } = built;
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'the service has to be restarted');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({ afterMs: config.shutdownTimeoutMs }, 'stopped with requests unfinished');
      process.exit(1);
    }, config.shutdownTimeoutMs).unref();
    await built.stop();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal).catch(fail));
  process.on('SIGINT', (signal) => void stop(signal).catch(fail));

  await untilReady(built);
  const url = await built.listen();
  log.info({ url, startMs: Math.round(performance.now()) }, 'listening');
  // Node writes it at the end only: too late for the next instance of a new version, and never after a crash.
  flushCompileCache();
}

/** Who is not ready by then listens all the same, and tells at its readiness what is missing. */
const LONGEST_START_MS = 5_000;

/**
 * Waits until the service can do its work. A crashed instance is started again at its old address, where requests arrive
 * from the first moment: it must not answer them with 503 because its Redis is not connected yet.
 */
async function untilReady({ app }: BuiltService): Promise<void> {
  const deadline = Date.now() + LONGEST_START_MS;
  while (Date.now() < deadline) {
    const { statusCode } = await app.inject('/healthz/ready');
    if (statusCode === 200) return;
    await sleep(25);
  }
}

async function buildOrExit(service: Service): Promise<BuiltService> {
  try {
    return await service.build({ env: process.env });
  } catch (error) {
    const identity = {
      service: service.name,
      version: process.env.SERVICE_VERSION ?? 'dev',
      environment: process.env.ENVIRONMENT ?? 'local',
      cloud: process.env.CLOUD ?? 'local',
      allocation: process.env.NOMAD_ALLOC_ID,
    };
    const log = createLogger(identity, 'info');
    const details = error instanceof ConfigError ? { problems: error.problems } : { err: error };
    log.fatal(
      details,
      error instanceof ConfigError ? 'the configuration is not valid' : 'the service cannot start',
    );
    return process.exit(1);
  }
}
