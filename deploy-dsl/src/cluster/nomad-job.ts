/**
 * The part of Nomad's job specification that Tandem writes (API form, as `nomad job run -json` takes it).
 * Durations are nanoseconds, memory MiB, CPU MHz, as in Nomad's API.
 * Source: https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export interface NomadJob {
  ID: string;
  Name: string;
  Type: 'service' | 'system';
  /** 1 to 100; 50 where it is left out. */
  Priority?: number;
  Region: string;
  Datacenters: string[];
  Meta: Record<string, string>;
  Constraints?: NomadConstraint[];
  Spreads?: NomadSpread[];
  Update?: NomadUpdate;
  TaskGroups: NomadTaskGroup[];
}

export interface NomadConstraint {
  LTarget: string;
  RTarget: string;
  Operand: string;
}

export interface NomadSpread {
  Attribute: string;
  Weight: number;
}

export interface NomadUpdate {
  MaxParallel: number;
  HealthCheck: 'checks' | 'task_states';
  MinHealthyTime: number;
  HealthyDeadline: number;
  ProgressDeadline: number;
  AutoRevert: boolean;
  AutoPromote: boolean;
  Canary: number;
}

export interface NomadTaskGroup {
  Name: string;
  Count: number;
  Scaling?: { Enabled: boolean; Min: number; Max: number; Policy?: Record<string, unknown> };
  Networks: NomadNetwork[];
  Services: NomadService[];
  ShutdownDelay?: number;
  RestartPolicy?: { Attempts: number; Interval: number; Delay: number; Mode: 'delay' | 'fail' };
  ReschedulePolicy?: {
    Attempts?: number;
    Interval?: number;
    Delay: number;
    DelayFunction: 'constant' | 'exponential';
    MaxDelay: number;
    Unlimited: boolean;
  };
  Disconnect?: { LostAfter: number; Replace: boolean; Reconnect: 'keep_original' | 'best_score' };
  EphemeralDisk?: { SizeMB: number; Sticky: boolean; Migrate: boolean };
  Volumes?: Record<string, { Name: string; Type: 'host'; Source: string; ReadOnly: boolean }>;
  Tasks: NomadTask[];
}

export interface NomadNetwork {
  Mode: 'host' | 'bridge';
  DynamicPorts?: { Label: string; To?: number }[];
  ReservedPorts?: { Label: string; Value: number }[];
}

export interface NomadService {
  Name: string;
  Provider: 'consul';
  PortLabel: string;
  Tags: string[];
  CanaryTags?: string[];
  Meta?: Record<string, string>;
  CanaryMeta?: Record<string, string>;
  TaskName?: string;
  Checks: NomadCheck[];
}

export interface NomadCheck {
  Name: string;
  Type: 'http' | 'tcp' | 'script';
  Path?: string;
  Command?: string;
  Args?: string[];
  Interval: number;
  Timeout: number;
  TaskName?: string;
  /** What Consul takes for granted until the first answer; `critical` where it is left out. */
  InitialStatus?: 'passing';
  SuccessBeforePassing?: number;
  FailuresBeforeCritical?: number;
  CheckRestart?: { Limit: number; Grace: number };
}

export interface NomadTask {
  Name: string;
  Driver: 'raw_exec' | 'docker' | 'exec';
  User?: string;
  Config: Record<string, unknown>;
  /** A change of it replaces the instance. */
  Meta?: Record<string, string>;
  Env?: Record<string, string>;
  Lifecycle?: { Hook: 'prestart' | 'poststart' | 'poststop'; Sidecar: boolean };
  Templates?: NomadTemplate[];
  Resources: { CPU: number; MemoryMB: number; MemoryMaxMB?: number };
  VolumeMounts?: { Volume: string; Destination: string; ReadOnly: boolean }[];
  LogConfig?: { MaxFiles: number; MaxFileSizeMB: number };
  KillTimeout?: number;
  KillSignal?: string;
  Leader?: boolean;
}

export interface NomadTemplate {
  EmbeddedTmpl: string;
  DestPath: string;
  ChangeMode: 'noop' | 'restart' | 'signal';
  ChangeSignal?: string;
  Perms?: string;
  Envvars?: boolean;
  Splay?: number;
  /** How long changes are collected before they are rendered; the client's default is 5 s to 4 min. */
  Wait?: { Min: number; Max: number };
  /** Fail rather than write `<no value>` where the template names something that is not there. */
  ErrMissingKey?: boolean;
  /** Instead of two braces. */
  LeftDelim?: string;
  RightDelim?: string;
}
