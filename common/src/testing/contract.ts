import { type ContractOwner, checkContracts } from '../contract/service-folder.ts';

/**
 * What is wrong with the contracts in a service's folder, in words; empty when nothing is. Every service has a test that
 * expects nothing.
 */
export async function contractFaults(folder: string, service: ContractOwner): Promise<string[]> {
  const { stale, breaks } = await checkContracts(folder, service);
  return [...breaks, ...stale.map((file) => `${file} is not what it should be: npm run contract`)];
}
