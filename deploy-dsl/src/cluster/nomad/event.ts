import { Type } from 'typebox';
import { nullable, type Static } from '../shapes.ts';

export type Topic = 'Allocation' | 'Deployment' | 'Evaluation' | 'Job' | 'Node';

/** A change in the cluster. Of the object after the change it tells what a reader needs to decide whether to look. */
export const NomadEvent = Type.Object({
  Topic: Type.String(),
  /** `AllocationUpdated`, `DeploymentStatusUpdate`, `JobRegistered`, `NodeDrain`, … */
  Type: Type.String(),
  /** ID of the object. */
  Key: Type.String(),
  Index: Type.Number(),
  /** Events leave out empty texts and lists, unlike other answers. */
  Payload: Type.Object({
    Allocation: Type.Optional(
      Type.Object({
        ID: Type.String(),
        JobID: Type.String(),
        ClientStatus: Type.String(),
        DesiredStatus: Type.String(),
        DeploymentID: Type.Optional(Type.String()),
      }),
    ),
    Deployment: Type.Optional(
      Type.Object({ ID: Type.String(), JobID: Type.String(), Status: Type.String() }),
    ),
    Evaluation: Type.Optional(
      Type.Object({ ID: Type.String(), JobID: Type.String(), Status: Type.String() }),
    ),
  }),
});
export type NomadEvent = Static<typeof NomadEvent>;

/** One line of the stream; a heartbeat has no events. */
export const EventBatch = Type.Object({
  Index: Type.Optional(Type.Number()),
  Events: Type.Optional(nullable(Type.Array(NomadEvent))),
});
