import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { badAddress } from '../language/errors/usage.ts';
import type { Model } from '../language/model.ts';
import { Consul } from './consul.ts';
import { Nomad } from './nomad.ts';
import { Rabbitmq } from './rabbitmq.ts';

export interface TargetCloud {
  /** Nomad region and Consul datacenter. */
  name: string;
  nomad: Nomad;
  consul: Consul;
}

/** The clusters that an environment runs on. */
export interface Target {
  environment: string;
  /** In rollout order. */
  clouds: TargetCloud[];
  /** Null where no management address is known. */
  rabbitmq: Rabbitmq | null;
}

/** Addresses of the stack that `up` started on this machine (URLs). */
export interface StackAddresses {
  nomad: string;
  consul: string;
  rabbitmq: { management: string; user: string; password: string };
}

/**
 * The clients for an environment; nothing is asked yet. The local environment is reached through the addresses of the
 * running stack, any other through NOMAD_ADDR, NOMAD_TOKEN, CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN and
 * RABBITMQ_MANAGEMENT_URL (with user and password), by default the local agents' usual ports. One address serves all
 * clouds: servers pass a request on to its region.
 *
 * @param stack of this machine; null when it is not up
 * @throws TandemError (exit 2) when one of them is no address
 */
export function connect(
  model: Pick<Model, 'environment' | 'local' | 'clouds'>,
  stack: StackAddresses | null,
  env: NodeJS.ProcessEnv,
): Target {
  const ours = model.local ? stack : null;
  const nomad = ours?.nomad ?? addressIn(env, 'NOMAD_ADDR', 'http://127.0.0.1:4646');
  const consul = ours?.consul ?? addressIn(env, 'CONSUL_HTTP_ADDR', 'http://127.0.0.1:8500');
  const { local } = model;
  return {
    environment: model.environment,
    clouds: model.clouds.map(({ name }) => ({
      name,
      nomad: new Nomad({ address: nomad, region: name, token: env.NOMAD_TOKEN, local }),
      consul: new Consul({ address: consul, datacenter: name, token: env.CONSUL_HTTP_TOKEN, local }),
    })),
    rabbitmq: rabbitmq(ours, env, local),
  };
}

function rabbitmq(ours: StackAddresses | null, env: NodeJS.ProcessEnv, local: boolean): Rabbitmq | null {
  if (ours !== null) {
    const { management, user, password } = ours.rabbitmq;
    return new Rabbitmq({ address: management, user, password, local });
  }
  const given = env.RABBITMQ_MANAGEMENT_URL;
  if (given === undefined || given === '') return null;
  const url = urlIn('RABBITMQ_MANAGEMENT_URL', given, 'http://user:password@127.0.0.1:15672');
  return new Rabbitmq({
    address: url.origin,
    user: decodeURIComponent(url.username) || 'guest',
    password: decodeURIComponent(url.password) || 'guest',
    local,
  });
}

/** The address in a variable, as it was given; Consul's own tools take one without a scheme. */
function addressIn(env: NodeJS.ProcessEnv, name: string, standard: string): string {
  const given = env[name];
  if (given === undefined || given === '') return standard;
  const address = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  urlIn(name, address, standard);
  return address;
}

/** @throws TandemError (exit 2) when it is no URL of HTTP */
function urlIn(name: string, given: string, example: string): URL {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TandemError([badAddress(name, example)], exitCodes.badInput);
  }
  return url;
}
