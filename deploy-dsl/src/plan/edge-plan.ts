import type { Consul } from '../cluster/consul.ts';
import { edgeTemplateKey } from '../compile/assumptions.ts';
import { type Change, change, changed } from './change.ts';

/** What differs in the edge's template. A change is a reload of nginx; nothing restarts. */
export interface EdgePlan {
  changes: Change[];
  /** The live template; null when there is none. */
  before: string | null;
  /** Its ModifyIndex, for the check-and-set of the deploy; 0 when there is none. */
  modifyIndex: number;
  after: string;
}

export async function planEdge(template: string, consul: Consul): Promise<EdgePlan> {
  const live = await consul.get(edgeTemplateKey);
  const before = live === null ? null : Buffer.from(live.Value ?? '', 'base64').toString('utf8');
  return {
    changes: edgeWords(before, template),
    before,
    modifyIndex: live?.ModifyIndex ?? 0,
    after: template,
  };
}

/** The difference of two templates in words: routes that come, go, or get other settings. */
export function edgeWords(before: string | null, after: string): Change[] {
  if (before === after) return [];
  const [old, wanted] = [routesOf(before ?? ''), routesOf(after)];
  const words = [...new Set([...wanted.keys(), ...old.keys()])].flatMap((path): Change[] => {
    const [from, to] = [old.get(path), wanted.get(path)];
    const what = `route ${path}`;
    if (from === undefined) return [change(what, null, to?.service ?? '')];
    if (to === undefined) return [change(what, from.service, null)];
    if (from.service !== to.service)
      return [changed(what, `${what} goes to ${to.service}, no longer to ${from.service}`)];
    return from.text === to.text ? [] : [changed(what, `${what} ${settings(from.text, to.text)}`)];
  });
  return words.length > 0
    ? words
    : [changed('edge', before === null ? 'edge configuration added' : 'edge settings changed')];
}

interface RouteBlock {
  service: string;
  text: string;
}

/**
 * The routes of a template by path. The compiler writes `# origin: services.<service>.routes.<index>` before everything that
 * belongs to a route.
 */
function routesOf(template: string): Map<string, RouteBlock> {
  const routes = new Map<string, RouteBlock>();
  for (const block of template.split(/^(?=\s*# origin: )/m)) {
    const service = /^\s*# origin: services\.(.+)\.routes\.\d+/.exec(block)?.[1];
    const path = /^\s*location\s+(?:(?:=|~\*?|\^~)\s+)?(\S+)\s*\{/m.exec(block)?.[1];
    if (service === undefined || path === undefined) continue;
    // Without its position, which changes when another route is written above it.
    const text = block.replace(/^\s*# origin: .*$/m, '').trim();
    const known = routes.get(path);
    routes.set(path, { service, text: known === undefined ? text : `${known.text}\n${text}` });
  }
  return routes;
}

const directives: Record<string, string> = {
  client_max_body_size: 'body',
  proxy_read_timeout: 'timeout',
  limit_req: 'limit',
};

/** `body 64k → 128k`, for the settings that the file has a word for. */
function settings(before: string, after: string): string {
  const value = (text: string, directive: string) =>
    new RegExp(`^\\s*${directive}\\s+(.+);`, 'm').exec(text)?.[1] ?? null;
  const words = Object.entries(directives).flatMap(([directive, what]) => {
    const [from, to] = [value(before, directive), value(after, directive)];
    return from === to ? [] : [change(what, from, to).words];
  });
  return words.length > 0 ? words.join(', ') : 'changed';
}
