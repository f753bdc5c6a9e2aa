import type { ContractOwner } from './service-folder.ts';

/**
 * The service that `src/service.ts` exports.
 * @throws Error when it exports none
 */
export function serviceIn(module: object): ContractOwner {
  const found = Object.values(module).find(isService);
  if (found === undefined) throw new Error('src/service.ts exports no service');
  return found;
}

function isService(value: unknown): value is ContractOwner {
  return typeof value === 'object' && value !== null && 'build' in value && 'publishes' in value;
}
