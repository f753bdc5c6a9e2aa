import type { Service } from '../service.ts';

/**
 * The service that `src/service.ts` exports.
 * @throws Error when it exports none
 */
export function serviceIn(module: object): Service {
  const found = Object.values(module).find(isService);
  if (found === undefined) throw new Error('src/service.ts exports no service');
  return found;
}

function isService(value: unknown): value is Service {
  return typeof value === 'object' && value !== null && 'build' in value && 'publishes' in value;
}
