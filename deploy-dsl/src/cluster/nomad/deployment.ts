import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';

/** How far the rollout of one group is. */
export const DeploymentState = Type.Object({
  PlacedCanaries: nullable(Type.Array(Type.String())),
  AutoRevert: Type.Boolean(),
  AutoPromote: Type.Boolean(),
  Promoted: Type.Boolean(),
  DesiredCanaries: Type.Number(),
  DesiredTotal: Type.Number(),
  PlacedAllocs: Type.Number(),
  HealthyAllocs: Type.Number(),
  UnhealthyAllocs: Type.Number(),
  /** When the next instance must be healthy, or the deployment fails. */
  RequireProgressBy: Type.Optional(nullable(Type.String())),
});
export type DeploymentState = Static<typeof DeploymentState>;

export const Deployment = Type.Object({
  ID: Type.String(),
  JobID: Type.String(),
  JobVersion: Type.Number(),
  JobModifyIndex: Type.Number(),
  JobSpecModifyIndex: Type.Number(),
  JobCreateIndex: Type.Number(),
  TaskGroups: nullable(record(DeploymentState)),
  /** `running`, `paused`, `failed`, `successful`, `cancelled`, `pending`, `blocked`, `unblocking`, `initializing` */
  Status: Type.String(),
  StatusDescription: Type.String(),
  CreateIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  CreateTime: Type.Optional(Type.Number()),
  ModifyTime: Type.Optional(Type.Number()),
});
export type Deployment = Static<typeof Deployment>;

/** No more changes will come from this deployment by itself. */
export function isDeploymentOver(deployment: Deployment): boolean {
  return ['failed', 'successful', 'cancelled'].includes(deployment.Status);
}

export const DeploymentUpdated = Type.Object({
  EvalID: Type.String(),
  /** The version that a failed deployment went back to. */
  RevertedJobVersion: Type.Optional(nullable(Type.Number())),
});
export type DeploymentUpdated = Static<typeof DeploymentUpdated>;
