import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';

/** What the scheduler saw when it looked for a node for one group. */
export const PlacementMetric = Type.Object({
  NodesEvaluated: Type.Number(),
  NodesFiltered: Type.Number(),
  NodesInPool: Type.Number(),
  /** By Nomad datacenter. */
  NodesAvailable: nullable(record(Type.Number())),
  ClassFiltered: nullable(record(Type.Number())),
  /** Nodes that fell out, by constraint: `missing drivers`, `${attr.…} = …`, `computed class ineligible`. */
  ConstraintFiltered: nullable(record(Type.Number())),
  NodesExhausted: Type.Number(),
  ClassExhausted: nullable(record(Type.Number())),
  /** Nodes without room, by what they lack: `memory`, `cpu`, `disk`, `network: reserved port collision …`. */
  DimensionExhausted: nullable(record(Type.Number())),
  QuotaExhausted: nullable(Type.Array(Type.String())),
  /** Further instances that failed for the same reason. */
  CoalescedFailures: Type.Number(),
});
export type PlacementMetric = Static<typeof PlacementMetric>;

export const Evaluation = Type.Object({
  ID: Type.String(),
  JobID: Type.String(),
  TriggeredBy: Type.String(),
  Status: Type.String(),
  StatusDescription: Type.Optional(Type.String()),
  DeploymentID: Type.Optional(Type.String()),
  /** The evaluation that waits for room, when not everything could be placed. */
  BlockedEval: Type.Optional(Type.String()),
  NextEval: Type.Optional(Type.String()),
  PreviousEval: Type.Optional(Type.String()),
  FailedTGAllocs: Type.Optional(nullable(record(PlacementMetric))),
  QueuedAllocations: Type.Optional(nullable(record(Type.Number()))),
  CreateIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  CreateTime: Type.Number(),
  ModifyTime: Type.Number(),
});
export type Evaluation = Static<typeof Evaluation>;
