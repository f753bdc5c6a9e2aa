import type { Model } from '../../../src/language/model.ts';
import type { Draw } from './draw.ts';
import { drawModel } from './model.ts';
import { spellFile } from './spell-file.ts';
import { writeYaml } from './write-yaml.ts';

/** A file without fault, and what it means in one of its environments. */
export function drawValidFile(draw: Draw): { text: string; model: Model } {
  const model = drawModel(draw);
  return { text: writeYaml(draw, spellFile(draw, model)), model };
}
