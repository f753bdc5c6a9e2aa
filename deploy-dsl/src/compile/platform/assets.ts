import { readFileSync } from 'node:fs';
import type { NomadTemplate } from '../../cluster/nomad-job.ts';

const folder = new URL('../../../../nomad-jobs/platform/', import.meta.url);
const cache = new Map<string, string>();

/** A file that a person wrote under nomad-jobs/platform/, `edge/nginx.sh` for instance. Part of the program: read once. */
export function asset(path: string): string {
  const known = cache.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(path, folder), 'utf8');
  cache.set(path, text);
  return text;
}

/** The file beside the task, unchanged: Nomad must not take braces in it for a template of its own. */
export function assetTemplate(path: string): NomadTemplate {
  return {
    EmbeddedTmpl: asset(path),
    DestPath: `local/${path.slice(path.lastIndexOf('/') + 1)}`,
    ChangeMode: 'noop',
    LeftDelim: '<<<',
    RightDelim: '>>>',
  };
}

/** Puts values in at the `@marks@` of a file. Every mark must have a value, so that none reaches a program. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/@([a-z_]+)@/g, (mark, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for ${mark}`);
    return value;
  });
}
