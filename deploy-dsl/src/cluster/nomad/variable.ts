import { Type } from 'typebox';
import { record, type Static } from '../shapes.ts';

/** A variable without its items. */
export const VariableStub = Type.Object({
  Path: Type.String(),
  CreateIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  /** Nanoseconds since 1970. */
  CreateTime: Type.Number(),
  ModifyTime: Type.Number(),
});
export type VariableStub = Static<typeof VariableStub>;

/** A set of secrets under one path. */
export const Variable = Type.Object({
  Path: Type.String(),
  CreateIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  CreateTime: Type.Number(),
  ModifyTime: Type.Number(),
  Items: record(Type.String()),
});
export type Variable = Static<typeof Variable>;
