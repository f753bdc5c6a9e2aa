export { type ApiClient, isRefusal } from './client/api-client.ts';
export type { CallOptions } from './client/caller.ts';
export type { HttpClient, TypedCallOptions } from './client/client.ts';
export { type EventStream, isRefused, readEventStream } from './client/event-stream.ts';
export { type Address, type InstanceRequest, isObject, sendToInstance } from './client/instance.ts';
export { UpstreamError } from './client/upstream-error.ts';
export { SecretText } from './config/base-config.ts';
export { ConfigError, type Environment, loadConfig } from './config/config.ts';
export { Secret } from './config/secret.ts';
export { type ImportedApi, importApi } from './contract/imported-api.ts';
export { importEvent } from './contract/imported-event.ts';
export { createConsulDiscovery } from './discovery/consul-discovery.ts';
export { createStaticDiscovery, type Discovery, type Instance } from './discovery/discovery.ts';
export type { App } from './http/app.ts';
export { Problem, ProblemSchema, type ProblemType, problemType } from './http/problem.ts';
export * as problems from './http/problems.ts';
export { expectedVersion, versionTag } from './http/version-tag.ts';
export type { Logger } from './log.ts';
export { Counts } from './metrics/counts.ts';
export { Durations } from './metrics/durations.ts';
export type { Metrics } from './metrics/metrics.ts';
export type { Change, ChangeRequest } from './queue/change.ts';
export { defineEvent, type EventDraft, type EventKind, type EventType, InvalidEvent } from './queue/event.ts';
export { type EventHandler, isNewer, on, type ReceivedEvent, Rejected } from './queue/handlers.ts';
export { UnroutableError } from './queue/publisher.ts';
export { acquireLease, type Lease, LeaseLost } from './redis/lease.ts';
export type { Redis } from './redis/redis.ts';
export { runScript } from './redis/run-script.ts';
export { type FeedReader, StreamFeeds, type StreamFeedsOptions } from './redis/stream-feeds.ts';
export { type Attempt, networkOf, type ThrottleRule, takeAttempt } from './redis/throttle.ts';
export { currentRequest } from './request-context.ts';
export { type Static, StrictObject, type TObject, type TSchema, Type } from './schema.ts';
export {
  type BuildOptions,
  type BuiltService,
  defineService,
  type Service,
  type ServiceContext,
  type ServiceDefinition,
} from './service.ts';
export { type Rate, TokenBucket } from './token-bucket.ts';
export {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  bearerOf,
  issuerOf,
  jwksPath,
} from './tokens/authentication.ts';
export { addJwks } from './tokens/jwks-route.ts';
export { createRemoteKeySet, JwksSchema, type KeySet, noKeys } from './tokens/key-set.ts';
export { createSigner, type Signer, type SignerOptions } from './tokens/signer.ts';
export { createSigningKeys, type SigningKeys, type SignOptions } from './tokens/signing-keys.ts';
export { createTokenReader, type TokenReader } from './tokens/token-reader.ts';
export type { User } from './tokens/user.ts';
export { createVerifier, type VerifiedToken, type Verifier } from './tokens/verifier.ts';
export { UnavailableError } from './unavailable.ts';
