import { Type } from 'typebox';
import { nullable, record, type Static } from '../shapes.ts';

export const DriverInfo = Type.Object({
  Detected: Type.Boolean(),
  Healthy: Type.Boolean(),
  HealthDescription: Type.String(),
});

/** A machine that runs instances. */
export const Node = Type.Object({
  ID: Type.String(),
  Name: Type.String(),
  Address: Type.Optional(Type.String()),
  Datacenter: Type.String(),
  NodeClass: Type.String(),
  /** `eligible`, `ineligible` */
  SchedulingEligibility: Type.String(),
  /** `ready`, `down`, `disconnected`, `initializing` */
  Status: Type.String(),
  StatusDescription: Type.Optional(Type.String()),
  Drain: Type.Boolean(),
  Drivers: nullable(record(DriverInfo)),
  NodeResources: Type.Optional(
    nullable(
      Type.Object({
        Cpu: Type.Object({ CpuShares: Type.Number() }),
        Memory: Type.Object({ MemoryMB: Type.Number() }),
        Disk: Type.Object({ DiskMB: Type.Number() }),
      }),
    ),
  ),
  /** Kept back for the machine itself. */
  ReservedResources: Type.Optional(
    nullable(
      Type.Object({
        Cpu: Type.Object({ CpuShares: Type.Number() }),
        Memory: Type.Object({ MemoryMB: Type.Number() }),
      }),
    ),
  ),
});
export type Node = Static<typeof Node>;

/** What only the node itself is asked for. */
export const NodeDetails = Type.Object({ HostVolumes: nullable(record(Type.Object({}))) });
export type NodeDetails = Static<typeof NodeDetails>;
