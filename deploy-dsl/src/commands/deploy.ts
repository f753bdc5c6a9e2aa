import { exitCodes } from '../language/diagnostic.ts';
import { createProgress } from '../terminal/progress.ts';
import { approval, outcomeWords } from './approve.ts';
import type { Command } from './command.ts';
import { deployFile } from './deploy-file.ts';
import { openEnvironment } from './environment.ts';
import { environmentOptions } from './options.ts';

/** `tandem deploy` */
export const deploy: Command = {
  args: [],
  options: [
    { flags: '-y, --yes', description: 'do not ask; the local environment never does' },
    { flags: '--force-unlock', description: 'take the lock from another deploy, which then stops' },
    ...environmentOptions,
  ],
  examples: [
    { line: 'tandem deploy', what: 'bring the stack of this machine to what services.yml says' },
    { line: 'tandem deploy --env staging', what: 'the same for staging: shows the plan and asks first' },
    { line: 'tandem deploy --env production --yes', what: 'from a pipeline' },
  ],
  description:
    'Shows the plan, then rolls it out: services by need, cloud after cloud, the routes when what they lead to is ' +
    'healthy. Stops as soon as an instance fails, with its last words and the line of services.yml, and puts back ' +
    'everything that this deploy had changed. Deploying the same file twice changes nothing. An interrupted deploy is ' +
    'finished by the next one, or taken back by `tandem rollback`.',
  async run(context, { options }) {
    const environment = await openEnvironment(context, options);
    const { terminal } = context;
    const ask = options.yes === true || environment.loaded.model.local ? 'never' : 'always';
    const progress = createProgress(terminal);
    const outcome = await deployFile(context, environment, {
      progress,
      approve: approval(context, `Deploy this to ${environment.environment}?`, ask),
      forceUnlock: options.forceUnlock === true,
    }).finally(() => progress.close());
    for (const line of outcomeWords(outcome)) terminal.print(line);
    return exitCodes.fine;
  },
};
