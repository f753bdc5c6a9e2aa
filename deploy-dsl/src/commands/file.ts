import { relative, resolve } from 'node:path';
import type { Context, Invocation } from './command.ts';

/** Absolute path of the file that the options name. */
export function fileOf(context: Context, options: Invocation['options']): string {
  return typeof options.file === 'string'
    ? resolve(context.cwd, options.file)
    : resolve(context.root, 'services.yml');
}

/** How messages name a file: relative to where the user is, unless it lies elsewhere. */
export function displayOf(context: Context, file: string): string {
  const path = relative(context.cwd, file);
  return path.startsWith('..') || path === '' ? file : path;
}
