import { resolve } from 'node:path';
import { cloudRabbitmqUser } from '../compile/assumptions.ts';
import { hasQueues } from '../compile/service-variables.ts';
import { author } from '../deploy/author.ts';
import { generate } from '../deploy/make-secrets.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import {
  argumentNeeded,
  platformPassword,
  secretExists,
  secretInUse,
  secretNotGenerated,
  secretNotRotated,
  secretNotSet,
  secretUnknown,
  secretValueMissing,
} from '../language/errors/service.ts';
import type { Model } from '../language/model.ts';
import { didYouMean } from '../language/suggest.ts';
import { changeSecret } from '../operate/change-secret.ts';
import { cloudsOf } from '../operate/roll.ts';
import { rotatedKeys } from '../operate/rotated-keys.ts';
import { effectOfSecret, type SecretEffect } from '../operate/secret-effect.ts';
import { readSecret } from '../operate/secret-value.ts';
import { isSecretSetTo, secretStates, secretValues, writeSecret } from '../operate/secrets.ts';
import { createProgress } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import type { Command, Context, Invocation } from './command.ts';
import { canAsk, confirm } from './confirm.ts';
import { openTarget } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';
import { serviceOf } from './service-argument.ts';

/** `tandem secret list|set|remove|generate|rotate` */
export const secret: Command = {
  args: [
    { name: '<action>', description: 'what to do', choices: ['list', 'set', 'remove', 'generate', 'rotate'] },
    { name: '[service]', description: 'service of the file' },
    { name: '[name]', description: 'secret that the service declares' },
  ],
  options: [
    { flags: '--from-file <path>', description: 'read the value from this file, not from standard input' },
    {
      flags: '--force',
      description: 'let generate replace a secret that is set, and remove take one that instances read',
    },
    { flags: '-y, --yes', description: 'do not ask; the local environment never does' },
    ...environmentOptions,
    jsonOption,
  ],
  examples: [
    { line: 'tandem secret list', what: 'which secrets are set, and where' },
    { line: 'tandem secret set auth jwt-private-key --from-file key.pem', what: 'set one from a file' },
    { line: 'pass show smtp | tandem secret set mail smtp-password', what: 'set one from a program' },
    { line: 'tandem secret generate auth jwt-private-key', what: 'make one as the file says' },
    { line: 'tandem secret rotate auth jwt-private-key', what: 'sign with a new key soon, refuse no token' },
  ],
  description:
    'Values are kept in Nomad Variables, never printed, and never taken from the command line, which others can see. ' +
    'Says which instances read it before it sets it, and replaces them one after the other: a new one is healthy with the ' +
    'new value before an old one leaves, so that requests are answered all the while. Where one is not, the former value ' +
    'and instances come back.',
  async run(context, { args: [action = '', name, key], options }) {
    const { loaded, origins, target } = await openTarget(context, options);
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
    if (key === 'rabbitmq-password')
      throw badInput(platformPassword(readersOfQueues(model), rabbitmqUser(model)));
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
    } else if (action === 'rotate') {
      const present = (await secretValues(name, key, clouds)).find((each) => each !== null) ?? null;
      if (declared.generate !== 'rsa-2048') throw badInput(secretNotRotated(name, key));
      if (present === null) throw badInput(secretNotSet(name, key));
      value = rotatedKeys((await generate(declared.generate)) ?? '', present);
    } else {
      value = await readSecret(sourceOf(context, options, name, key), { service: name, name: key });
    }
    const { terminal, signal, env } = context;
    const where = clouds.map((cloud) => cloud.name).join(' and ');
    if (value !== null && (await isSecretSetTo(name, key, value, clouds))) {
      terminal.print(
        `The secret "${key}" of ${name} has this value in ${where} already: nothing was changed.`,
      );
      return exitCodes.fine;
    }
    const effects = await effectOfSecret(name, key, clouds, { signal });
    const instances = effects.map((effect) => instanceWords(effect, clouds.length > 1));
    if (value === null && effects.length > 0 && options.force !== true) {
      throw badInput(secretInUse(name, key, instances));
    }
    terminal.print(effectWords(effects, value === null));
    for (const line of instances) terminal.print(`  ${line}`);
    const asks = effects.length > 0 && !model.local && options.yes !== true && canAsk(context);
    if (asks && !(await confirm(context, `${value === null ? 'Remove' : 'Set'} it?`))) {
      terminal.print('Nothing was changed.');
      return exitCodes.fine;
    }
    const done = `The secret "${key}" of ${name} is ${value === null ? 'removed' : 'set'} in ${where}.`;
    const rolling = value === null ? [] : clouds.filter((cloud) => isReplacedIn(cloud.name, effects));
    if (rolling.length === 0) {
      await writeSecret(name, key, value, clouds);
      terminal.print(done);
      return exitCodes.fine;
    }
    const progress = createProgress(terminal);
    try {
      const about = { service: name, clouds: rolling, target, model, origins };
      const operation = { ...about, who: author(env), progress, signal };
      await changeSecret(operation, { name: key, value, onSet: () => terminal.print(done) }, clouds);
    } finally {
      progress.close();
    }
    return exitCodes.fine;
  },
};

const readersOfQueues = ({ services }: Model): string[] =>
  Object.values(services)
    .filter(hasQueues)
    .map(({ name }) => name);

const rabbitmqUser = ({ local }: Model): string | null => (local ? null : cloudRabbitmqUser);

/** What is going to happen to the instances that read it. */
function effectWords(effects: readonly SecretEffect[], removes: boolean): string {
  if (effects.length === 0) return 'No instance that runs reads it: nothing restarts.';
  if (removes) return 'These instances keep what they have read; without it no other one starts:';
  const starting = effects.filter(isStart).length;
  const replaced = effects.length - starting;
  const words = [
    ...(replaced > 0 ? [`${replaced} ${isAre(replaced)} replaced one after the other`] : []),
    ...(starting > 0 ? [`${starting} that ${starting === 1 ? 'waits' : 'wait'} for a secret can start`] : []),
  ];
  return `Of its instances ${words.join(', and ')}:`;
}

const isAre = (count: number) => (count === 1 ? 'is' : 'are');
const isStart = ({ effect }: SecretEffect) => effect === 'starts';

/** Where an instance waits for a secret, a rollout is under way that brings all of them the new value. */
function isReplacedIn(name: string, effects: readonly SecretEffect[]): boolean {
  const here = effects.filter(({ cloud }) => cloud === name);
  return here.length > 0 && !here.some(isStart);
}

function instanceWords({ cloud, instance, node }: SecretEffect, several: boolean): string {
  return `${instance.slice(0, 8)} on ${node}${several ? ` in ${cloud}` : ''}`;
}

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

/** The file, or what is piped in; a terminal is neither. */
function sourceOf(context: Context, options: Invocation['options'], service: string, name: string) {
  if (typeof options.fromFile === 'string') return resolve(context.cwd, options.fromFile);
  if (process.stdin.isTTY) throw badInput(secretValueMissing(service, name));
  return process.stdin;
}

function badInput(diagnostic: ReturnType<typeof secretNotSet>): TandemError {
  return new TandemError([diagnostic], exitCodes.badInput);
}
