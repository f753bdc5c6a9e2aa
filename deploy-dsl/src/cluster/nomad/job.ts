import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';

/** A live job in the list of jobs. */
export const JobStub = Type.Object({
  ID: Type.String(),
  Name: Type.String(),
  Type: Type.String(),
  Status: Type.String(),
  /** Stopped by an operator; kept until garbage collection. */
  Stop: Type.Boolean(),
  JobModifyIndex: Type.Number(),
  SubmitTime: Type.Number(),
  Meta: Type.Optional(nullable(record(Type.String()))),
});
export type JobStub = Static<typeof JobStub>;

const Constraint = Type.Object({ LTarget: Type.String(), RTarget: Type.String(), Operand: Type.String() });

/**
 * A live job as Nomad stores it, its defaults filled in. Only the fields that Tandem reads are described; the others are
 * there too, so that a live job can be changed and registered again.
 */
export const LiveJob = Type.Object({
  ID: Type.String(),
  Name: Type.String(),
  Type: Type.String(),
  Version: Type.Number(),
  Status: Type.String(),
  StatusDescription: Type.String(),
  Stop: Type.Boolean(),
  Stable: Type.Boolean(),
  JobModifyIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  CreateIndex: Type.Number(),
  /** Nanoseconds since 1970. */
  SubmitTime: Type.Number(),
  Meta: nullable(record(Type.String())),
  Constraints: Type.Optional(nullable(Type.Array(Constraint))),
  TaskGroups: Type.Array(
    Type.Object({
      Name: Type.String(),
      Count: Type.Number(),
      Networks: Type.Optional(
        nullable(
          Type.Array(
            Type.Object({
              ReservedPorts: Type.Optional(nullable(Type.Array(Type.Object({ Value: Type.Number() })))),
            }),
          ),
        ),
      ),
      /** Host volumes by the name that the tasks mount. */
      Volumes: Type.Optional(nullable(record(Type.Object({ Type: Type.String(), Source: Type.String() })))),
      Scaling: Type.Optional(
        nullable(Type.Object({ Min: Type.Number(), Max: Type.Number(), Enabled: Type.Boolean() })),
      ),
      Tasks: Type.Array(
        Type.Object({
          Name: Type.String(),
          Driver: Type.String(),
          Env: nullable(record(Type.String())),
          Config: nullable(record(Type.Unknown())),
          Lifecycle: Type.Optional(nullable(Type.Object({ Hook: Type.String(), Sidecar: Type.Boolean() }))),
          Resources: Type.Object({
            CPU: Type.Number(),
            MemoryMB: Type.Number(),
            /** 0 where it is not set. */
            MemoryMaxMB: Type.Optional(nullable(Type.Number())),
          }),
        }),
      ),
    }),
  ),
});
export type LiveJob = Static<typeof LiveJob>;

export const JobVersions = Type.Object({ Versions: nullable(Type.Array(LiveJob)) });

export const Registered = Type.Object({
  /** Empty where nothing had to be evaluated. */
  EvalID: Type.String(),
  JobModifyIndex: Type.Number(),
  Warnings: Type.String(),
});
export type Registered = Static<typeof Registered>;

export const Deregistered = Type.Object({ EvalID: Type.String(), JobModifyIndex: Type.Number() });
export type Deregistered = Static<typeof Deregistered>;

export const Validated = Type.Object({
  DriverConfigValidated: Type.Boolean(),
  ValidationErrors: nullable(Type.Array(Type.String())),
  /** All of it as one text; empty when the job is valid. */
  Error: Type.String(),
  Warnings: Type.String(),
});
export type Validated = Static<typeof Validated>;
