import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { unknownServiceArgument } from '../language/errors/usage.ts';
import type { Model, Service } from '../language/model.ts';

/**
 * The name of a service as the user typed it, if the environment has one of that name.
 * @throws TandemError (exit 2)
 */
export function requireService(model: Model, name: string): string {
  return serviceOf(model, name).name;
}

/** The same, and the service itself. */
export function serviceOf(model: Model, name: string): Service {
  const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
  if (service !== undefined) return service;
  const known = Object.keys(model.services);
  throw new TandemError([unknownServiceArgument(name, model.environment, known)], exitCodes.badInput);
}
