import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { type ConsulAddress, connectConsul } from './consul-client.ts';

/** An instance that no Nomad registers. */
export interface OwnInstance {
  service: string;
  version: string;
  /** Where it listens. */
  url: string;
}

export interface Registration {
  /** Takes it out of Consul; resolves when nobody is sent here any more, or Consul does not answer. */
  end(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 2_000;

/** How soon an agent that was restarted, and has forgotten everything, is told again. */
const LOOK_AGAIN_MS = 3_000;

/** Consul removes an instance that was killed after this; the shortest it takes. */
const FORGET_AFTER = '1m';

/**
 * Registers an instance in Consul as Nomad's service block would, with a check of its readiness, and keeps it there:
 * while Consul is away the service works, and it is registered as soon as Consul is back.
 */
export function keepRegistered(
  { service, version, url }: OwnInstance,
  consulAddress: ConsulAddress,
  log: Logger,
): Registration {
  const consul = connectConsul(consulAddress, REQUEST_TIMEOUT_MS);
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isAnyAddress = host === '0.0.0.0' || host === '::';
  const id = `${service}-${host}-${port}`;
  const ended = new AbortController();
  let away = false;

  async function register(): Promise<void> {
    if (Object.hasOwn(await consul.agent.service.list(), id)) return;
    await consul.agent.service.register({
      id,
      name: service,
      // The edge sends requests to these.
      tags: ['stable'],
      meta: { version },
      port: Number(port),
      // Left out, it is the address of the machine.
      ...(isAnyAddress ? {} : { address: host }),
      check: {
        name: `${service} ready`,
        http: `http://${isAnyAddress ? '127.0.0.1' : hostname}:${port}/healthz/ready`,
        interval: '1s',
        timeout: '1s',
        failuresbeforecritical: 3,
        deregistercriticalserviceafter: FORGET_AFTER,
      },
    });
    log.info({ id }, 'registered in Consul');
  }

  async function run(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        await register();
        away = false;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!away) log.warn({ reason }, 'Consul does not answer; nobody is sent here through it');
        away = true;
      }
      await sleep(LOOK_AGAIN_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  }

  const running = run();
  return {
    async end() {
      ended.abort();
      await running;
      await consul.agent.service.deregister(id).catch((error: Error) => {
        if (!away) log.warn({ id, reason: error.message }, 'Consul was not told that the instance ends');
      });
      consul.destroy();
    },
  };
}
