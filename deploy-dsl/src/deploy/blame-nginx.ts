import type { EdgeFinding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Place } from '../language/errors/define.ts';
import { nginxRefused } from '../language/errors/instance.ts';
import type { ModelPath } from '../language/origins.ts';

/**
 * The line that `nginx -t` names is one of the rendered configuration. The compiler writes `# origin: services.rooms.routes.0`
 * before each part of it; the nearest one above the line says whose it is.
 */
export function blameNginx(finding: EdgeFinding, place: (path: ModelPath) => Place): Diagnostic {
  const emerg = finding.message.split('\n').find((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  const [, reason = finding.message.trim(), number] =
    /\[\w+\]\s*(?:\d+#\d+:\s*)?(.*?)(?: in \S+:(\d+))?$/.exec(emerg ?? '') ?? [];
  const lines = finding.config?.split('\n') ?? [];
  const at = number === undefined ? null : Number(number);
  return nginxRefused(
    place(at === null ? ['edge'] : originOf(lines, at)),
    finding.cloud,
    reason,
    at === null ? finding.message.split('\n') : excerpt(lines, at),
  );
}

/** Path of the model that stands in the nearest marker at or above a line (counted from 1). */
export function originOf(lines: readonly string[], line: number): ModelPath {
  for (let i = Math.min(line, lines.length); i > 0; i--) {
    const marker = /#\s*origin:\s*(\S+)/.exec(lines[i - 1] ?? '')?.[1];
    if (marker !== undefined) {
      return marker.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    }
  }
  return ['edge'];
}

/** The line and its neighbours, numbered. */
function excerpt(lines: readonly string[], line: number): string[] {
  const first = Math.max(1, line - 1);
  return lines
    .slice(first - 1, line + 1)
    .map((text, i) => `${first + i === line ? '>' : ' '} ${String(first + i).padStart(4)} ${text}`);
}
