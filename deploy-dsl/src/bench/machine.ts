import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { formatBytes } from '../terminal/size.ts';

/**
 * The machine of a measurement in a line: cores, processor, memory, kernel, Node, and how busy it was before, which
 * tells whether the figures are to be trusted. No names, no addresses.
 */
export function describeMachine(): string {
  const model = cpus()[0]?.model.replaceAll(/\s+/g, ' ').trim() ?? 'unknown processor';
  const cores = availableParallelism();
  return [
    `${cores} ${cores === 1 ? 'core' : 'cores'} of ${model}`,
    `${formatBytes(totalmem())} memory`,
    `Linux ${release().replace(/-.*/, '')}`,
    `Node ${process.versions.node}`,
    `load ${(loadavg()[0] ?? 0).toFixed(1)} before`,
  ].join(', ');
}
