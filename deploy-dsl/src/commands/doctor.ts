import { homedir } from 'node:os';
import { exitCodes } from '../language/diagnostic.ts';
import { diagnose } from '../local/diagnose.ts';
import { diagnosisView } from '../local/diagnosis-view.ts';
import { portOffsetOf, requireLinux } from '../local/platform.ts';
import { portsAt } from '../local/ports.ts';
import { readStack } from '../local/stack.ts';
import { tools } from '../local/toolchain/tools.ts';
import { toolsFor } from '../local/toolchain/tools-for.ts';
import type { Command } from './command.ts';
import { openFile } from './environment.ts';
import { jsonOption } from './options.ts';

/** `tandem doctor` */
export const doctor: Command = {
  args: [],
  options: [
    { flags: '--port-offset <n>', description: 'look at the ports that `up` would use with this offset' },
    jsonOption,
  ],
  examples: [
    { line: 'tandem doctor', what: 'what is there, what is missing, how it will be had' },
    { line: 'tandem doctor --json', what: 'for a script or a bug report' },
  ],
  description: 'Changes nothing. Ends with 1 when something keeps `up` from working.',
  async run(context, { options }) {
    requireLinux();
    const { root, env, signal, terminal } = context;
    const stack = await readStack(root);
    const asked = typeof options.portOffset === 'string' ? options.portOffset : undefined;
    const offset = portOffsetOf(asked, env, stack);
    // A file with errors has a command of its own, `validate`; the machine can be looked at without it.
    const { edgePort, programs } = await openFile(context, { env: 'local' }).then(
      async ({ file, loaded: { model } }) => ({
        edgePort: model.edge.port,
        programs: await toolsFor(root, file, model),
      }),
      () => ({ edgePort: portsAt(0).edge, programs: tools }),
    );
    const found = await diagnose(root, env, stack, offset, edgePort, programs, signal);
    if (options.json === true) terminal.print(JSON.stringify(found, null, 2));
    else terminal.print(diagnosisView(terminal, found, env.HOME ?? homedir()));
    return found.problems.length === 0 ? exitCodes.fine : exitCodes.failed;
  },
};
