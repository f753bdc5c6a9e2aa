import type { Consul } from '../cluster/consul.ts';
import { edgeTemplateKey } from '../compile/assumptions.ts';
import { formatBytes } from '../terminal/size.ts';
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
  const before = live?.Value ?? null;
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
 * The routes of a template by path. The compiler writes `# origin: services.<service>.routes.<index>` before every location of
 * a route: one for the path itself, one for all below it.
 */
function routesOf(template: string): Map<string, RouteBlock> {
  const routes = new Map<string, RouteBlock>();
  for (const block of template.split(/^(?=\s*# origin: )/m)) {
    const service = /^\s*# origin: services\.(.+)\.routes\.\d+/.exec(block)?.[1];
    const location = /^\s*location (?:= )?(\S+) \{\n(.*?)^\s*\}$/ms.exec(block);
    if (service === undefined || location === null) continue;
    const [, prefix = '/', text = ''] = location;
    // A second location of the same route.
    if (prefix.startsWith('/.tandem/')) continue;
    // The position of the marker is left out: it changes when another route is written above.
    routes.set(prefix.replace(/(?<=.)\/$/, ''), { service, text });
  }
  return routes;
}

/** The settings that the file has a word for, by nginx' directive. */
const directives: Record<string, { what: string; show: (value: string) => string }> = {
  client_max_body_size: { what: 'body', show: (bytes) => formatBytes(Number(bytes)) },
  proxy_read_timeout: { what: 'timeout', show: String },
};

/** `body 64 KB → 128 KB`. */
function settings(before: string, after: string): string {
  const value = (text: string, directive: string) =>
    new RegExp(`^\\s*${directive} (.+);$`, 'm').exec(text)?.[1] ?? null;
  const words = Object.entries(directives).flatMap(([directive, { what, show }]) => {
    const [from, to] = [value(before, directive), value(after, directive)];
    if (from === to) return [];
    return [change(what, from === null ? null : show(from), to === null ? null : show(to)).words];
  });
  const limit = value(before, 'limit_req') === value(after, 'limit_req') ? [] : ['other limit'];
  return [...words, ...limit].join(', ') || 'changed';
}
