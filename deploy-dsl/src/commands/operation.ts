import { author } from '../deploy/author.ts';
import { cloudsOf, type Operation } from '../operate/roll.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Context, Invocation } from './command.ts';
import { openTarget } from './environment.ts';
import { requireService } from './service-argument.ts';

export const cloudOption = { flags: '--cloud <name>', description: 'only in this cloud' };

/** Opens what a command that changes a running service works with, and closes its progress at the end. */
export async function operate<T>(
  context: Context,
  options: Invocation['options'],
  name: string,
  act: (operation: Operation) => Promise<T>,
): Promise<T> {
  const { loaded, origins, target } = await openTarget(context, options);
  const { model } = loaded;
  const service = requireService(model, name);
  const only = typeof options.cloud === 'string' ? options.cloud : null;
  const clouds = cloudsOf(model, target, service, only);
  const progress = createProgress(context.terminal);
  try {
    const who = author(context.env);
    return await act({ service, clouds, target, model, origins, who, progress, signal: context.signal });
  } finally {
    progress.close();
  }
}
