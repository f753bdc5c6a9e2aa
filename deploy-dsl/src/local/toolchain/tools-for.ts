import { dirname, resolve } from 'node:path';
import type { Model } from '../../language/model.ts';
import { nativeTools } from './mediasoup-worker.ts';
import { servicePrograms } from './service-programs.ts';
import { type Tool, tools } from './tools.ts';

/**
 * The programs that a stack needs: those of every stack, and what its services bring along.
 *
 * @throws TandemError when a service names its programs wrongly
 * @param file absolute path of the YAML file, from whose folder the services are found
 */
export async function toolsFor(root: string, file: string, model: Model): Promise<readonly Tool[]> {
  const directories = Object.values(model.services).map(({ directory }) => resolve(dirname(file), directory));
  return [...tools, ...(await nativeTools(root, directories)), ...(await servicePrograms(directories))];
}
