import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';

/** One thing that happened to a task, newest last. */
export const TaskEvent = Type.Object({
  /** `Received`, `Task Setup`, `Started`, `Terminated`, `Driver Failure`, `Restarting`, `Killing`, … */
  Type: Type.String(),
  /** Nanoseconds since 1970. */
  Time: Type.Number(),
  DisplayMessage: Type.String(),
  /** `exit_code`, `signal`, `oom_killed`, `driver_error`, … as texts. */
  Details: nullable(record(Type.String())),
});
export type TaskEvent = Static<typeof TaskEvent>;

export const TaskState = Type.Object({
  State: Type.String(),
  Failed: Type.Boolean(),
  Restarts: Type.Number(),
  LastRestart: Type.Optional(nullable(Type.String())),
  StartedAt: Type.Optional(nullable(Type.String())),
  FinishedAt: Type.Optional(nullable(Type.String())),
  Events: nullable(Type.Array(TaskEvent)),
});
export type TaskState = Static<typeof TaskState>;

export const AllocationResources = Type.Object({
  Tasks: nullable(
    record(
      Type.Object({
        Cpu: Type.Object({ CpuShares: Type.Number() }),
        Memory: Type.Object({ MemoryMB: Type.Number(), MemoryMaxMB: Type.Number() }),
      }),
    ),
  ),
  Shared: Type.Object({
    Ports: nullable(
      Type.Array(Type.Object({ Label: Type.String(), Value: Type.Number(), HostIP: Type.String() })),
    ),
  }),
});
export type AllocationResources = Static<typeof AllocationResources>;

/** An instance: one group of a job on one node. */
export const Allocation = Type.Object({
  ID: Type.String(),
  EvalID: Type.String(),
  /** `<job>.<group>[<index>]` */
  Name: Type.String(),
  NodeID: Type.String(),
  NodeName: Type.String(),
  JobID: Type.String(),
  JobVersion: Type.Optional(Type.Number()),
  TaskGroup: Type.String(),
  /** `run`, `stop`, `evict` */
  DesiredStatus: Type.String(),
  DesiredDescription: Type.String(),
  /** `pending`, `running`, `complete`, `failed`, `lost`, `unknown` */
  ClientStatus: Type.String(),
  ClientDescription: Type.String(),
  TaskStates: nullable(record(TaskState)),
  /** Null until its deployment knows whether it is healthy. */
  DeploymentStatus: nullable(
    Type.Object({
      Healthy: nullable(Type.Boolean()),
      Canary: Type.Boolean(),
    }),
  ),
  DeploymentID: Type.Optional(Type.String()),
  AllocatedResources: Type.Optional(nullable(AllocationResources)),
  NextAllocation: Type.Optional(Type.String()),
  PreviousAllocation: Type.Optional(Type.String()),
  CreateIndex: Type.Number(),
  ModifyIndex: Type.Number(),
  CreateTime: Type.Number(),
  ModifyTime: Type.Number(),
});
export type Allocation = Static<typeof Allocation>;

const Usage = Type.Object({
  MemoryStats: nullable(
    Type.Object({
      /**
       * Bytes. Of a control group (containers): what its processes have written. Of plain processes: the sum of their
       * resident sizes. Some drivers on some kernels give only Usage.
       */
      RSS: Type.Optional(Type.Number()),
      /** Bytes of the whole control group, with its cache of files. */
      Usage: Type.Optional(Type.Number()),
      /** Names of the numbers that were measured: `Usage` only where there is a control group. */
      Measured: Type.Optional(nullable(Type.Array(Type.String()))),
    }),
  ),
  CpuStats: nullable(Type.Object({ Percent: Type.Number(), TotalTicks: Type.Number() })),
});

/** What an instance uses now. */
export const AllocationStats = Type.Object({
  ResourceUsage: nullable(Usage),
  Tasks: nullable(record(nullable(Type.Object({ ResourceUsage: nullable(Usage) })))),
});
export type AllocationStats = Static<typeof AllocationStats>;

export const FileInfo = Type.Object({
  Name: Type.String(),
  IsDir: Type.Boolean(),
  Size: Type.Number(),
  ModTime: Type.String(),
});
export type FileInfo = Static<typeof FileInfo>;

/** It runs, or is about to: its ports and memory are taken. */
export function isThere({ ClientStatus }: Pick<Allocation, 'ClientStatus'>): boolean {
  return ClientStatus === 'running' || ClientStatus === 'pending';
}
