import type { BenchResult, Figure } from './bench.ts';

const opening = `# Benchmarks

Measured by \`./tandem bench NAME --write\`, which replaces the section of that name. What each one does is in the
file of the same name under deploy-dsl/src/bench/.
`;

/**
 * The document with the section of this bench added, or replaced where it stands; the others stay as they are.
 *
 * @param document the text so far; empty when there is none yet
 */
export function withResult(document: string, result: BenchResult): string {
  const [head = '', ...sections] = (document.trim() === '' ? opening : document).split(/^(?=## )/m);
  const title = `## ${result.name}`;
  const section = `${title}\n\n${result.date}, ${result.machine}\n\n${figureTable(result.figures)}\n`;
  const at = sections.findIndex((text) => text.split('\n', 1)[0]?.trim() === title);
  const others = at < 0 ? [...sections, section] : sections.with(at, section);
  return `${[head, ...others].map((text) => text.trimEnd()).join('\n\n')}\n`;
}

function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, target, met }) => [
    name,
    shownValue(value, unit),
    target ?? '',
    met === null ? '' : met ? 'yes' : '**no**',
  ]);
  return [['what', 'measured', 'target', 'met'], ['---', '---:', '---:', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** `38.2 ms`, `1,240 requests`. */
export function shownValue(value: number, unit: string): string {
  const number = value.toLocaleString('en', { maximumSignificantDigits: 3 });
  return unit === '' ? number : `${number} ${unit}`;
}
