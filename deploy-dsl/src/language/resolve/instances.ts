import { builtin, openEndedMax } from '../builtin.ts';
import { rangeReversed } from '../errors/meaning/settings.ts';
import type { Instances } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { DefaultsInput } from '../schema/file.ts';
import { parseCount } from '../values.ts';
import type { Layers, Value } from '../written.ts';
import type { Resolution } from './resolution.ts';

/**
 * Instances by cloud. A number or range holds for every cloud of the environment; a map only for the clouds it
 * names. A map that names none of them says nothing about this environment, and the next weaker layer is asked.
 */
export function resolveInstances(
  layers: Layers<DefaultsInput>,
  clouds: string[],
  path: ModelPath,
  resolution: Resolution,
): Record<string, Instances> {
  const result: Record<string, Instances> = Object.create(null);
  for (const layer of layers) {
    const written = layer.get('instances');
    if (written === null) {
      continue;
    }
    if (written.tree.kind !== 'map') {
      resolution.origins.record(path, written);
      for (const cloud of clouds) {
        result[cloud] = countOf(written, [...path, cloud], resolution);
      }
      return result;
    }
    const entries = written.entries().filter((entry) => clouds.includes(entry.key));
    if (entries.length > 0) {
      resolution.origins.record(path, written);
      for (const { key, value } of entries) {
        result[key] = countOf(value, [...path, key], resolution);
      }
      return result;
    }
  }
  for (const cloud of clouds) {
    result[cloud] = { min: builtin.service.instances, max: builtin.service.instances };
  }
  return result;
}

function countOf(written: Value, path: ModelPath, resolution: Resolution): Instances {
  resolution.origins.record(path, written);
  const { scalar } = written;
  const { min, max } = parseCount(typeof scalar === 'number' ? scalar : written.text);
  if (max !== null && max < min) {
    resolution.report(rangeReversed(resolution.place(written), written.text, min, max));
    return { min: max, max: min };
  }
  return { min, max: max ?? Math.max(min, openEndedMax) };
}
