import Consul from 'consul';
import type { Secret } from '../config/secret.ts';

export interface ConsulAddress {
  /** URL of the local agent, `http://127.0.0.1:8500`. */
  address: string;
  token: Secret | undefined;
}

/** @param timeoutMs of every request; without one a blocking query may wait */
export function connectConsul({ address, token }: ConsulAddress, timeoutMs?: number): Consul {
  const url = new URL(address);
  return new Consul({
    host: url.hostname,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    secure: url.protocol === 'https:',
    defaults: {
      ...(token === undefined ? {} : { token: token.reveal() }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    },
  });
}
