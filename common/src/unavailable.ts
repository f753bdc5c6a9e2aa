/**
 * Something this service depends on (its Redis, Consul, another service) does not answer. A request that ends in
 * it is answered with 503 `dependency-unavailable`; the reason goes to the log only.
 */
export class UnavailableError extends Error {
  readonly dependency: string;

  constructor(dependency: string, reason: string, cause?: unknown) {
    super(`${dependency} is unavailable: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'UnavailableError';
    this.dependency = dependency;
  }
}
