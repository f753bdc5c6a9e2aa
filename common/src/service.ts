import type { Agent } from 'node:http';
import type { DestinationStream } from 'pino';
import { type ApiClient, createApiClient } from './client/api-client.ts';
import { createCaller } from './client/caller.ts';
import { createHttpClient, type HttpClient } from './client/client.ts';
import { createAgent } from './client/transport.ts';
import { type BaseConfig, baseProperties, TOKEN_ISSUER } from './config/base-config.ts';
import { ConfigError, type Environment, loadConfigs } from './config/config.ts';
import type { ImportedApi } from './contract/imported-api.ts';
import { createConsulDiscovery } from './discovery/consul-discovery.ts';
import type { Discovery, Instance } from './discovery/discovery.ts';
import { keepRegistered, type Registration } from './discovery/registration.ts';
import { logRequests } from './http/access-log.ts';
import type { App } from './http/app.ts';
import { createDrain } from './http/drain.ts';
import { addHealth, type ReadyCheck } from './http/health.ts';
import { addIdempotency } from './http/idempotency.ts';
import { addMetrics } from './http/metrics.ts';
import { addOpenapi } from './http/openapi.ts';
import { createServer } from './http/server.ts';
import { createLogger, type Logger, type LogIdentity } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Change } from './queue/change.ts';
import type { EventKind } from './queue/event.ts';
import type { EventHandler } from './queue/handlers.ts';
import { createQueues } from './queue/queues.ts';
import { checkRedis, createRedis, type Redis } from './redis/redis.ts';
import { type Static, type TObject, type TProperties, Type } from './schema.ts';
import { runService } from './start.ts';
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  addAuthentication,
  issuerOf,
  jwksPath,
} from './tokens/authentication.ts';
import { createRemoteKeySet, JwksSchema, type KeySet } from './tokens/key-set.ts';
import { createVerifier } from './tokens/verifier.ts';

/** What a service's own code gets to work with. */
export interface ServiceContext<Properties extends TProperties, Calls extends string> {
  config: Config<Properties>;
  log: Logger;
  /** What it measures besides what every service measures; told at `/metrics`. */
  readonly metrics: Metrics;
  /** The service's own Redis; reading it throws unless the definition says `redis: true`. */
  readonly redis: Redis;
  /** The service is ready only while the check passes, besides those of its Redis, its keys and its queues. */
  readyWhen(name: string, check: ReadyCheck): void;
  /**
   * Done when the instance is told to stop, while it still answers: nobody new is sent here then. The signal aborts when only
   * so much of the time to stop is left as the rest of it needs.
   */
  beforeStop(step: (signal: AbortSignal) => Promise<void>): void;
  /** Another connection to that Redis, for commands that wait; whoever asks for it ends it. */
  connectRedis(): Redis;
  /**
   * All instances of a service named in `calls`, healthy ones first: for those who must talk to one of them in particular.
   * @throws UnavailableError
   */
  instances(service: Calls): Promise<readonly Instance[]>;
  /** One atomic step in the service's Redis, with the events that tell of it: see docs/queues.md. */
  readonly change: Change;
  /** The client of a service named in `calls`: typed by the copy of its contract, or by what each call says. */
  readonly client: Clients<Calls>;
}

export interface Clients<Calls extends string> {
  <Api extends ImportedApi & { service: Calls }>(api: Api): ApiClient<Api>;
  (service: Calls): HttpClient;
}

export type Config<Properties extends TProperties> = BaseConfig & Static<TObject<Properties>>;

export interface ServiceDefinition<Properties extends TProperties, Calls extends string> {
  /** As in services.yml; its public routes stand below `/api/<name>`. */
  name: string;
  /** One sentence, for the OpenAPI. */
  description: string;
  /** The service's own settings, besides those that every service has. */
  config?: Properties;
  /** It has a Redis of its own, found by REDIS_URL or REDIS_SERVICE. */
  redis?: boolean;
  /** Services it sends requests to. */
  calls?: readonly Calls[];
  /** Events it publishes. */
  publishes?: readonly EventKind[];
  /** What it does with the events of others. */
  consumes?: (context: ServiceContext<Properties, Calls>) => readonly EventHandler[];
  /** Largest request body in bytes; 64 KiB when not given. */
  bodyLimit?: number;
  /** Keys that access tokens are verified with; when not given, those that the issuer publishes. */
  tokenKeys?: (config: Config<Properties>) => KeySet;
  routes: (app: App, context: ServiceContext<Properties, Calls>) => void | Promise<void>;
}

export interface BuildOptions {
  env: Environment;
  /** Instead of Consul. */
  discovery?: Discovery;
  /** Instead of stdout. */
  logOutput?: DestinationStream;
}

/** A service that was built and does not listen yet: test it by `app.inject()`. */
export interface BuiltService {
  readonly app: App;
  readonly log: Logger;
  readonly config: BaseConfig;
  /** What it does with the events of others. */
  readonly handlers: readonly EventHandler[];
  /** Resolves with the URL it answers at; Consul sends others there from then on. */
  listen(): Promise<string>;
  /** Finishes what is under way and lets go of everything. */
  stop(): Promise<void>;
}

export interface Service {
  readonly name: string;
  /** Events it publishes: a part of its contract. */
  readonly publishes: readonly EventKind[];
  /** Services it sends requests to. */
  readonly calls: readonly string[];
  /** The service whose keys it verifies tokens with, unless told otherwise; null when it has them itself. */
  readonly keysFrom: string | null;
  /** Its own settings. */
  readonly settings: TProperties;
  /** @throws ConfigError */
  build(options: BuildOptions): Promise<BuiltService>;
  /** Runs it in this process until SIGTERM or SIGINT: all that `main.ts` does. */
  start(): Promise<void>;
}

/** What closing the connections takes at most, in ms. */
const STOP_MS = 2_000;

const DEFAULT_BODY_LIMIT = 64 * 1024;

/** A service in a few lines: see docs/services.md. Everything that is not its business is taken care of. */
export function defineService<
  Properties extends TProperties = Record<never, never>,
  const Calls extends string = never,
>(definition: ServiceDefinition<Properties, Calls>): Service {
  const service: Service = {
    name: definition.name,
    publishes: definition.publishes ?? [],
    calls: definition.calls ?? [],
    keysFrom: definition.tokenKeys === undefined ? TOKEN_ISSUER : null,
    settings: definition.config ?? {},
    build: (options) => buildService(definition, options),
    start: () => runService(service),
  };
  return service;
}

async function buildService<Properties extends TProperties, Calls extends string>(
  definition: ServiceDefinition<Properties, Calls>,
  options: BuildOptions,
): Promise<BuiltService> {
  const { name } = definition;
  // Left out means that there are none: the type parameter is empty then, too.
  const own = definition.config ?? ({} as Properties);
  const [base, special] = loadConfigs(Type.Object(baseProperties), Type.Object(own), options.env);
  const config: Config<Properties> = { ...base, ...special };
  const identity = identityOf(name, base);
  const log = createLogger(identity, base.logLevel, options.logOutput);
  const agent = createAgent();
  const consul = { address: base.consulHttpAddr, token: base.consulHttpToken };
  const discovery = options.discovery ?? createConsulDiscovery({ ...consul, log });
  const connectOwnRedis = (clientName: string) => connectRedis(clientName, base, discovery, log);
  const redis = definition.redis === true ? connectOwnRedis(name) : null;
  const client = createClients(discovery, agent);
  const checks = new Map<string, ReadyCheck>();
  const lastSteps: ((signal: AbortSignal) => Promise<void>)[] = [];
  const context: ServiceContext<Properties, Calls> = {
    config,
    log,
    client,
    change: (request) => change(request),
    readyWhen: (label, check) => checks.set(label, check),
    beforeStop: (step) => lastSteps.push(step),
    connectRedis: () => connectOwnRedis(name),
    instances: (of) => discovery.instances(of),
    get metrics() {
      return metrics;
    },
    get redis() {
      if (redis === null) throw new Error(`the service ${name} does not declare "redis: true"`);
      return redis;
    },
  };
  const keys = definition.tokenKeys?.(config) ?? issuerKeys(base.tokenIssuer, client(base.tokenIssuer));

  const app = createServer({
    log,
    bodyLimit: definition.bodyLimit ?? DEFAULT_BODY_LIMIT,
    trustedProxies: base.trustedProxies,
  });
  const drain = createDrain(app);
  app.addHook('onClose', async () => {
    await redis?.quit().catch(() => redis.disconnect());
    discovery.close();
    agent.destroy();
  });
  logRequests(app, log);
  addAuthentication(
    app,
    createVerifier({
      keys,
      issuer: issuerOf(base.tokenIssuer),
      audience: ACCESS_TOKEN_AUDIENCE,
      type: ACCESS_TOKEN_TYPE,
    }),
  );
  if (redis !== null) addIdempotency(app, redis);
  const metrics = addMetrics(app, identity);
  const handlers = definition.consumes?.(context) ?? [];
  const queues = createQueues({
    service: name,
    config: base,
    discovery,
    publishes: definition.publishes ?? [],
    handlers,
    redis,
    connectRedis: connectOwnRedis,
    metrics,
    log,
  });
  const change = queues.change;
  // Runs before the one above: what is under way still needs Redis.
  app.addHook('onClose', () => queues.stop());
  checks.set('keys', () => keys.refresh());
  if (redis !== null) checks.set('redis', () => checkRedis(redis));
  if (queues.used) checks.set('queues', () => queues.check());
  addHealth(app, checks, () => drain.stopping);
  await addOpenapi(app, {
    name,
    description: definition.description,
    version: base.serviceVersion,
    docs: base.environment === 'local',
  });
  await definition.routes(app, context);
  app.addHook('onClose', async () => metrics.clear());
  await app.ready();
  queues.startConsuming();

  // Nomad registers what it runs.
  const registersItself =
    base.consulRegister && base.nomadAllocId === undefined && options.discovery === undefined;
  let registration: Registration | null = null;

  return {
    app,
    log,
    config: base,
    handlers,
    async listen() {
      const url = await app.listen({ host: base.host, port: base.port });
      if (registersItself) {
        registration = keepRegistered({ service: name, version: base.serviceVersion, url }, consul, log);
      }
      return url;
    },
    async stop() {
      await registration?.end();
      const signal = AbortSignal.timeout(Math.max(0, base.shutdownTimeoutMs - STOP_MS));
      await Promise.all(lastSteps.map((step) => step(signal)));
      await Promise.all([queues.stopConsuming(), drain.stop()]);
    },
  };
}

/** One client for each service and each copy of a contract: whoever asks again gets the same one. */
function createClients(discovery: Discovery, agent: Agent): Clients<string> {
  const known = new Map<ImportedApi | string, ApiClient<ImportedApi> | HttpClient>();
  function client<Api extends ImportedApi>(api: Api): ApiClient<Api>;
  function client(service: string): HttpClient;
  function client(of: ImportedApi | string): ApiClient<ImportedApi> | HttpClient {
    const created =
      known.get(of) ??
      (typeof of === 'string'
        ? createHttpClient(createCaller(of, discovery, agent))
        : createApiClient(of, createCaller(of.service, discovery, agent)));
    known.set(of, created);
    return created;
  }
  return client;
}

function identityOf(service: string, config: BaseConfig): LogIdentity {
  return {
    service,
    version: config.serviceVersion,
    environment: config.environment,
    cloud: config.cloud,
    allocation: config.nomadAllocId,
  };
}

function connectRedis(name: string, config: BaseConfig, discovery: Discovery, log: Logger): Redis {
  const { redisUrl: url, redisService: service, redisPassword: password } = config;
  if (url === undefined && service === undefined) {
    throw new ConfigError(['REDIS_URL or REDIS_SERVICE is required: the service has a Redis of its own']);
  }
  const address = url === undefined ? { service: service ?? '', discovery } : { url };
  return createRedis({ address, password, clientName: name, log });
}

function issuerKeys(issuer: string, client: HttpClient): KeySet {
  return createRemoteKeySet(issuer, () =>
    client.get(jwksPath(issuer), { response: JwksSchema, timeoutMs: 1_500 }),
  );
}
