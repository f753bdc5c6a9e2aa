import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { generate } from '../deploy/make-secrets.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import {
  argumentNeeded,
  secretExists,
  secretNotGenerated,
  secretNotSet,
  secretNotText,
  secretUnknown,
  secretValueMissing,
} from '../language/errors/service.ts';
import { didYouMean } from '../language/suggest.ts';
import { cloudsOf } from '../operate/roll.ts';
import { secretStates, writeSecret } from '../operate/secrets.ts';
import { table } from '../terminal/table.ts';
import type { Command, Context, Invocation } from './command.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { serviceOf } from './service-argument.ts';

/** `tandem secret list|set|remove|generate` */
export const secret: Command = {
  args: [
    { name: '<action>', description: 'what to do', choices: ['list', 'set', 'remove', 'generate'] },
    { name: '[service]', description: 'service of the file' },
    { name: '[name]', description: 'secret that the service declares' },
  ],
  options: [
    { flags: '--from-file <path>', description: 'read the value from this file, not from standard input' },
    { flags: '--force', description: 'let generate replace a secret that is set' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem secret list', what: 'which secrets are set, and where' },
    { line: 'tandem secret set auth jwt-private-key --from-file key.pem', what: 'set one from a file' },
    { line: 'pass show smtp | tandem secret set mail smtp-password', what: 'set one from a program' },
    { line: 'tandem secret generate auth jwt-private-key', what: 'make one as the file says' },
  ],
  description:
    'Values are kept in Nomad Variables, never printed, and never taken from the command line, which others can see. ' +
    'The instances of the service restart with the new value, one after the other.',
  async run(context, { args: [action = '', name, key], options }) {
    const { loaded, target } = await openTarget(context, options);
    const { model } = loaded;
    if (action === 'list') {
      const services = name === undefined ? Object.values(model.services) : [serviceOf(model, name)];
      const lists = await Promise.all(
        services.map((each) => secretStates(each, cloudsOf(model, target, each.name, null))),
      );
      show(context, lists.flat(), options.json === true);
      return exitCodes.fine;
    }
    if (name === undefined || key === undefined) {
      const usage = `./tandem secret ${action} SERVICE NAME`;
      throw badInput(argumentNeeded(usage, name === undefined ? 'the service' : 'the name of the secret'));
    }
    const service = serviceOf(model, name);
    const declared = service.secrets.find((one) => one.name === key);
    const names = service.secrets.map((one) => one.name);
    if (declared === undefined) throw badInput(secretUnknown(name, key, names, didYouMean(key, names)));
    const clouds = cloudsOf(model, target, name, null);
    const state = (await secretStates(service, clouds)).find((one) => one.name === key);
    const setIn = state?.setIn ?? [];
    let value: string | null = null;
    if (action === 'remove') {
      if (setIn.length === 0) throw badInput(secretNotSet(name, key));
    } else if (action === 'generate') {
      if (setIn.length > 0 && options.force !== true) throw badInput(secretExists(name, key, setIn));
      value = await generate(declared.generate);
      if (value === null) throw badInput(secretNotGenerated(name, key));
    } else {
      value = await valueFrom(context, options, name, key);
    }
    await writeSecret(name, key, value, clouds);
    const where = clouds.map((cloud) => cloud.name).join(' and ');
    context.terminal.print(
      `The secret "${key}" of ${name} is ${value === null ? 'removed' : 'set'} in ${where}.`,
    );
    return exitCodes.fine;
  },
};

function show(context: Context, states: Awaited<ReturnType<typeof secretStates>>, json: boolean): void {
  if (json) {
    context.terminal.print(JSON.stringify({ secrets: states }, null, 2));
    return;
  }
  const rows = states.map(({ service, name, setIn, missingIn }) => [
    service,
    name,
    setIn.join(', ') || '–',
    missingIn.join(', '),
  ]);
  const columns = [{ title: 'service' }, { title: 'secret' }, { title: 'set in' }, { title: 'missing in' }];
  context.terminal.print(
    rows.length === 0 ? 'No service declares a secret.' : table(context.terminal, columns, rows),
  );
}

async function valueFrom(
  context: Context,
  options: Invocation['options'],
  service: string,
  name: string,
): Promise<string> {
  const file = typeof options.fromFile === 'string' ? resolve(context.cwd, options.fromFile) : null;
  if (file === null && process.stdin.isTTY) throw badInput(secretValueMissing(service, name));
  const bytes =
    file === null ? await buffer(process.stdin) : await readFile(file).catch(() => Buffer.alloc(0));
  if (bytes.length === 0) throw badInput(secretValueMissing(service, name));
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw badInput(secretNotText(name));
  // What `echo` adds is no part of a password; of a key in PEM it does not matter.
  return text.replace(/\r?\n$/, '');
}

function badInput(diagnostic: ReturnType<typeof secretNotSet>): TandemError {
  return new TandemError([diagnostic], exitCodes.badInput);
}
