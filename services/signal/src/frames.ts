import { Compile } from 'typebox/compile';
import { ClientFrame, type MethodName, methods, type Params } from './protocol/index.ts';
import { malformed, unknownMethod } from './refusals.ts';

const clientFrame = Compile(ClientFrame);
const params = new Map(
  Object.entries(methods).map(([name, { params: schema }]) => [name, Compile(schema)] as const),
);

/** A request that fits its method. */
export type Call = { [Name in MethodName]: { method: Name; params: Params<Name> } }[MethodName];

/**
 * Reads one message.
 * @throws Problem malformed-message
 */
export function readFrame(text: string): ClientFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('It is not JSON.');
  }
  if (!clientFrame.Check(value)) throw malformed();
  return value;
}

/** @throws Problem unknown-method or malformed-message */
export function readCall(method: string, given: Record<string, unknown>): Call {
  const check = params.get(method);
  if (check === undefined) throw unknownMethod();
  if (!check.Check(given)) {
    const [first] = check.Errors(given);
    throw malformed(first === undefined ? undefined : `params${first.instancePath}: ${first.message}`);
  }
  // The map above has the schema of exactly this method.
  return { method, params: given } as Call;
}
