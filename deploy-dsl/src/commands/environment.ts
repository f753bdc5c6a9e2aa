import { dirname } from 'node:path';
import { connect, type Target } from '../cluster/target.ts';
import { compile } from '../compile/compile.ts';
import type { Compiled } from '../compile/compiled.ts';
import { type Loaded, loadFile } from '../language/load.ts';
import type { Origins } from '../language/origins.ts';
import type { Building } from '../local/build-script.ts';
import { snapshotBuilds } from '../local/builds.ts';
import { readStack } from '../local/stack.ts';
import { createProgress } from '../terminal/progress.ts';
import type { Context, Invocation } from './command.ts';
import { displayOf, fileOf } from './file.ts';

/** The file and the environment a command works on, and its clusters. */
export interface Opened {
  /** Absolute path of the YAML file. */
  file: string;
  environment: string;
  loaded: Loaded;
  origins: Origins;
  target: Target;
  /** Added to the fixed ports of the platform on this machine. */
  portOffset: number;
}

/** The same, compiled: what the file wants to run. */
export interface Environment extends Opened {
  /** Digest of each service's folder, where the environment runs from the working tree. */
  builds: ReadonlyMap<string, string>;
  compiled: Compiled;
}

/** Name of the environment: the option, else `TANDEM_ENV`, else `local`. */
export function environmentOf(context: Context, options: Invocation['options']): string {
  if (typeof options.env === 'string') return options.env;
  return context.env.TANDEM_ENV || 'local';
}

/** Reads the file. No cluster is touched. */
export async function openFile(
  context: Context,
  options: Invocation['options'],
): Promise<Omit<Opened, 'target' | 'portOffset'>> {
  const file = fileOf(context, options);
  const environment = environmentOf(context, options);
  const loaded = await loadFile(file, { environment, display: displayOf(context, file) });
  return { file, environment, loaded, origins: loaded.origins };
}

/** Reads the file and makes the clients of its clusters; for commands that look but do not deploy. */
export async function openTarget(context: Context, options: Invocation['options']): Promise<Opened> {
  const opened = await openFile(context, options);
  const { model } = opened.loaded;
  const stack = model.local ? await readStack(context.root) : null;
  return {
    ...opened,
    target: connect(model, stack, context.env),
    portOffset: stack?.portOffset ?? 0,
  };
}

/** Shows which services are being built, only where one is. */
export function buildingOf({ env, signal, terminal }: Context): Building {
  return {
    env,
    signal,
    begun(service) {
      const progress = createProgress(terminal);
      const step = progress.step(service);
      step.update('building');
      return (ok) => {
        if (ok) step.done('built');
        else step.fail();
        progress.close();
      };
    },
  };
}

/** The same, with the builds snapshotted and everything compiled. */
export async function openEnvironment(
  context: Context,
  options: Invocation['options'],
): Promise<Environment> {
  const opened = await openTarget(context, options);
  const { model } = opened.loaded;
  const builds = await snapshotBuilds(context.root, dirname(opened.file), model, buildingOf(context));
  const compiled = compile(model, builds, { portOffset: opened.portOffset });
  performance.mark('compiled');
  return { ...opened, builds, compiled };
}
