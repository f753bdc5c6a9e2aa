import { delimiter, dirname, join } from 'node:path';
import { TandemError } from '../language/diagnostic.ts';
import { buildScriptFailed, buildScriptMadeNothing } from '../language/errors/local.ts';
import { builtFolder } from './build-sources.ts';
import { entriesOf } from './files.ts';
import { runProgram } from './toolchain/run-program.ts';

/** How scripts are run, and whom it interests. */
export interface Building {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** A build that takes its time has begun; the answer is called when it has ended, well or not. */
  begun(service: string): (ok: boolean) => void;
}

/** For those who neither watch nor interrupt. */
export const silentBuilding: Building = {
  env: process.env,
  signal: new AbortController().signal,
  begun: () => () => undefined,
};

/**
 * Runs the script `build` of a service in a copy of its folder, under the Node that runs us.
 *
 * @param folder the copy, in which `dist/` is afterwards
 * @throws TandemError with the script's last words
 */
export async function runBuildScript(service: string, folder: string, building: Building): Promise<void> {
  const ended = building.begun(service);
  let ok = false;
  try {
    const path = [dirname(process.execPath), building.env.PATH ?? ''].join(delimiter);
    const { code, tail } = await runProgram({
      // Node itself runs scripts, with the programs of the packages above: nobody needs npm on PATH.
      command: process.execPath,
      args: ['--run', 'build'],
      cwd: folder,
      env: { ...building.env, PATH: path, NODE_ENV: 'production', NO_COLOR: '1' },
      signal: building.signal,
    });
    if (code !== 0) throw new TandemError([buildScriptFailed(service, code, tail)]);
    if ((await entriesOf(join(folder, builtFolder))).length === 0) {
      throw new TandemError([buildScriptMadeNothing(service, builtFolder)]);
    }
    ok = true;
  } finally {
    ended(ok);
  }
}
