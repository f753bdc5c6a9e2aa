import { type Static, Type } from '../schema.ts';
import { validatorOf } from '../validator.ts';

const UsesContractSchema = Type.Object({
  service: Type.String(),
  /** Services that it sends requests to, with the operations that its copies of their contracts have. */
  calls: Type.Array(Type.Object({ service: Type.String(), operations: Type.Array(Type.String()) })),
  /** Events that it handles. */
  consumes: Type.Array(Type.Object({ name: Type.String(), version: Type.Integer() })),
});

/** `contract/uses.json`: what a service relies on, the other side of the contracts of others. */
export type UsesContract = Static<typeof UsesContractSchema>;

const isUsesContract = validatorOf(UsesContractSchema);

/** @throws Error for text that is something else */
export function parseUsesContract(text: string): UsesContract {
  const value: unknown = JSON.parse(text);
  if (isUsesContract(value)) return value;
  throw new Error('not a list of what a service uses');
}
