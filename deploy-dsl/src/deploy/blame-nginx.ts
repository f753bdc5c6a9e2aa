import type { EdgeFinding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Place } from '../language/errors/define.ts';
import { nginxRefused } from '../language/errors/instance.ts';
import type { ModelPath } from '../language/origins.ts';

/** nginx names a line of the rendered configuration; the marker above it says which part of the model it comes from. */
export function blameNginx(finding: EdgeFinding, place: (path: ModelPath) => Place): Diagnostic {
  const { cloud, error, line, text, origin, serves } = finding;
  // 2026/11/21 16:00:01 [emerg] 12#12: invalid number of arguments in "limit_req" directive in /…/next.conf:57
  const reason = error
    .replace(/^(?:nginx: |\d{4}\/\d\d\/\d\d [\d:]{8} )/, '')
    .replace(/^\[\w+\] (?:\d+#\d+: )?/, '')
    .replace(/ in \S+:\d+$/, '');
  const quoted = text === '' ? [] : [`line ${line} of the configuration: ${text}`];
  const facts = { fromFile: origin !== '', othersServe: serves !== '' };
  return nginxRefused(place(originPath(origin)), cloud, reason, quoted, facts);
}

/** `services.rooms.routes.0` as a path; without a marker the edge as a whole. */
export function originPath(origin: string): ModelPath {
  if (origin === '') return ['edge'];
  return origin.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
