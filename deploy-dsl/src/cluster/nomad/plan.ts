import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';
import { PlacementMetric } from './evaluation.ts';

/** How a thing differs; `None` appears for parts of a changed whole that stay. */
export const DiffType = Type.Union([
  Type.Literal('None'),
  Type.Literal('Added'),
  Type.Literal('Deleted'),
  Type.Literal('Edited'),
]);
export type DiffType = Static<typeof DiffType>;

export const FieldDiff = Type.Object({
  Type: DiffType,
  Name: Type.String(),
  Old: Type.String(),
  New: Type.String(),
  /** For instance `forces create/destroy update`. */
  Annotations: nullable(Type.Array(Type.String())),
});
export type FieldDiff = Static<typeof FieldDiff>;

export interface ObjectDiff {
  Type: DiffType;
  Name: string;
  Fields: FieldDiff[] | null;
  Objects: ObjectDiff[] | null;
}
const ObjectDiff = Type.Cyclic(
  {
    ObjectDiff: Type.Object({
      Type: DiffType,
      Name: Type.String(),
      Fields: nullable(Type.Array(FieldDiff)),
      Objects: nullable(Type.Array(Type.Ref('ObjectDiff'))),
    }),
  },
  'ObjectDiff',
);

export const TaskDiff = Type.Object({
  Type: DiffType,
  Name: Type.String(),
  Fields: nullable(Type.Array(FieldDiff)),
  Objects: nullable(Type.Array(ObjectDiff)),
  Annotations: nullable(Type.Array(Type.String())),
});
export type TaskDiff = Static<typeof TaskDiff>;

export const TaskGroupDiff = Type.Object({
  Type: DiffType,
  Name: Type.String(),
  Fields: nullable(Type.Array(FieldDiff)),
  Objects: nullable(Type.Array(ObjectDiff)),
  Tasks: nullable(Type.Array(TaskDiff)),
  /** Number of instances by kind: `create`, `destroy`, `in-place update`, `create/destroy update`, `canary`, `ignore`. */
  Updates: nullable(record(Type.Number())),
});
export type TaskGroupDiff = Static<typeof TaskGroupDiff>;

export const JobDiff = Type.Object({
  Type: DiffType,
  ID: Type.String(),
  Fields: nullable(Type.Array(FieldDiff)),
  Objects: nullable(Type.Array(ObjectDiff)),
  TaskGroups: nullable(Type.Array(TaskGroupDiff)),
});
export type JobDiff = Static<typeof JobDiff>;

/** What would happen to a group's instances. */
export const DesiredUpdates = Type.Object({
  Ignore: Type.Number(),
  Place: Type.Number(),
  Migrate: Type.Number(),
  Stop: Type.Number(),
  InPlaceUpdate: Type.Number(),
  DestructiveUpdate: Type.Number(),
  Canary: Type.Number(),
  Preemptions: Type.Number(),
});
export type DesiredUpdates = Static<typeof DesiredUpdates>;

/** Nomad's dry run of a job. */
export const JobPlan = Type.Object({
  /** 0 when the job is new; register with it to be sure that nobody changed the job in between. */
  JobModifyIndex: Type.Number(),
  Diff: nullable(JobDiff),
  Annotations: nullable(Type.Object({ DesiredTGUpdates: nullable(record(DesiredUpdates)) })),
  /** By group: why instances could not be placed now. */
  FailedTGAllocs: nullable(record(PlacementMetric)),
  Warnings: Type.String(),
});
export type JobPlan = Static<typeof JobPlan>;
