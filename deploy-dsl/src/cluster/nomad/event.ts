import { Type } from 'typebox';
import { nullable, type Static } from '../shapes.ts';
import { Allocation } from './allocation.ts';
import { Deployment } from './deployment.ts';
import { Evaluation } from './evaluation.ts';

export type Topic = 'Allocation' | 'Deployment' | 'Evaluation' | 'Job' | 'Node';

/** A change in the cluster. The payload has the object as it is after the change. */
export const NomadEvent = Type.Object({
  Topic: Type.String(),
  /** `AllocationUpdated`, `DeploymentStatusUpdate`, `JobRegistered`, `NodeDrain`, … */
  Type: Type.String(),
  /** ID of the object. */
  Key: Type.String(),
  Index: Type.Number(),
  Payload: Type.Object({
    Allocation: Type.Optional(Allocation),
    Deployment: Type.Optional(Deployment),
    Evaluation: Type.Optional(Evaluation),
  }),
});
export type NomadEvent = Static<typeof NomadEvent>;

/** One line of the stream; a heartbeat has no events. */
export const EventBatch = Type.Object({
  Index: Type.Optional(Type.Number()),
  Events: Type.Optional(nullable(Type.Array(NomadEvent))),
});
