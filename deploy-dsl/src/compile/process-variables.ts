import type { Service } from '../language/model.ts';
import { compileCacheFolder, nodeMeta, preloadedFile } from './assumptions.ts';
import type { Place } from './settings.ts';

/**
 * How Node and the C library spend memory (docs/decisions/0008-memory-of-a-service.md has the measurements), and what makes
 * a start quick (0025-packed-packages.md). Nobody has to use them: a program that is not Node ignores most, and `env` of a
 * service overrides each.
 */
export function processVariables(service: Service, place: Place): Record<string, string> {
  return {
    NODE_OPTIONS: nodeOptions(service, place).join(' '),
    // glibc keeps up to eight arenas a core, and raises what it keeps of each with the largest block that was freed:
    // after some log-ins, 19 MiB each for the hash, an instance held 100 MB that nobody used.
    MALLOC_ARENA_MAX: '2',
    MALLOC_TRIM_THRESHOLD_: String(128 * 1024),
    // Images bring their own, filled when they are built.
    ...(place.driver === 'raw_exec' ? { NODE_COMPILE_CACHE: `${nodeMeta.data}/${compileCacheFolder}` } : {}),
  };
}

function nodeOptions(service: Service, place: Place): string[] {
  // V8 takes up to 48 MB for objects that live for milliseconds; requests of ours are served from a sixth.
  const young = '--max-semi-space-size=2';
  if (place.driver === 'docker') return [young];
  // A container tells Node its limit. A plain process sees the memory of the whole machine, and grows.
  const old = `--max-old-space-size=${oldSpaceMiB(service.memory.hardMiB)}`;
  return [young, old, `--require="${nodeMeta.root}/${preloadedFile}"`];
}

/** Half of the limit, as Node takes in a small container: the rest is code, buffers, threads and hashing. */
const oldSpaceMiB = (hardMiB: number): number => Math.floor(hardMiB / 2);
