import { rm } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { readIfPresent, writeAtomically } from './files.ts';
import { stateOf } from './state.ts';

const schema = Type.Object({
  /** URLs on 127.0.0.1, without a slash at the end. */
  edge: Type.String(),
  nomad: Type.String(),
  consul: Type.String(),
  rabbitmq: Type.Object({
    amqp: Type.String(),
    management: Type.String(),
    user: Type.String(),
    password: Type.String(),
  }),
  /** Added to every port of the stack. */
  portOffset: Type.Integer(),
  /** Absolute path of the YAML file that `up` deployed. */
  file: Type.String(),
});

/** Addresses of the stack that `up` started on this machine. */
export type Stack = Type.Static<typeof schema>;

/** What `up` wrote; null when it never ran here, or `down` ended it. The agents may have died since. */
export async function readStack(root: string): Promise<Stack | null> {
  const text = await readIfPresent(stateOf(root).stack);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : null;
  } catch {
    // Cut short by a full disk or edited by hand: `up` writes it anew.
    return null;
  }
}

export async function writeStack(root: string, stack: Stack): Promise<void> {
  await writeAtomically(stateOf(root).stack, `${JSON.stringify(stack, null, 2)}\n`, 0o600);
}

export async function removeStack(root: string): Promise<void> {
  await rm(stateOf(root).stack, { force: true });
}
