import { describeService } from '../contract/description.ts';
import { checkContracts } from '../contract/service-folder.ts';
import type { Service } from '../service.ts';

/**
 * What is wrong with the contracts in a service's folder, in words; empty when nothing is. Every service has a test that
 * expects nothing.
 */
export async function contractFaults(folder: string, service: Service): Promise<string[]> {
  const { stale, breaks, unfit } = await checkContracts(folder, await describeService(service));
  return [
    ...[...breaks, ...unfit],
    ...stale.map((file) => `${file} is not what it should be: npm run contract`),
  ];
}
