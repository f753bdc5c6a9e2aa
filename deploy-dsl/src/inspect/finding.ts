import type { PlacementMetric } from '../cluster/nomad/evaluation.ts';
import type { ModelPath } from '../language/origins.ts';

/** Something that a cluster says is wrong, before anybody knows which line of `services.yml` it is about. */
export type Finding = JobFinding | InstanceFinding | EdgeFinding | QueueFinding | AlarmFinding;

/** About a job as a whole. */
export type JobFinding = { job: string; cloud: string } & (
  | {
      /** Nomad did not take the job. */
      kind: 'rejected';
      /** Nomad's words, a tree of errors with one leaf per line. */
      message: string;
    }
  | {
      /** No node takes the instance. */
      kind: 'unplaced';
      metric: PlacementMetric;
    }
);

/** About one instance. */
export type InstanceFinding = {
  job: string;
  cloud: string;
  /** Id of the allocation. */
  instance: string;
  node: string;
  /** Last lines of its log, readable, oldest first. */
  log: string[];
} & (
  | {
      /** It runs and its health check fails, or it did not become healthy in time. */
      kind: 'unhealthy';
      /** What the checks say: `auth ready: HTTP GET http://…: 503 Service Unavailable Output: …`. */
      checks: string[];
      /** Nomad's words. */
      description: string;
    }
  | {
      /** The task could not be started: program, folder or image not found, a wrong setting. */
      kind: 'driver';
      task: string;
      message: string;
    }
  | { kind: 'exited'; task: string; exitCode: number; signal: number; restarts: number }
  | { kind: 'oom'; task: string }
  | {
      /** A template, in most cases one with a secret, cannot be rendered. */
      kind: 'template';
      task: string;
      message: string;
    }
);

/** nginx refused a configuration; the last good one stays. */
export interface EdgeFinding extends EdgeRefusal {
  kind: 'nginx';
  cloud: string;
}

/** As `apply.sh` of the edge writes it down. */
export interface EdgeRefusal {
  /** Digest of the template that it serves by instead; empty where it has none yet. */
  serves?: string;
  /** What nginx printed. */
  error: string;
  /** Line of the configuration, counted from 1; 0 where none was named. */
  line: number;
  /** That line. */
  text: string;
  /** The marker above it: a path of the model with dots, `services.rooms.routes.0`; empty where there is none. */
  origin: string;
}

/** RabbitMQ refused an exchange, a queue or a binding. */
export interface QueueFinding {
  kind: 'queue';
  /** What was declared: `queue rooms.user-events`. */
  what: string;
  message: string;
  origin: ModelPath;
}

/** RabbitMQ takes no messages, because it is short of memory or disk. */
export interface AlarmFinding {
  kind: 'alarm';
  node: string;
  /** `memory`, `disk space` */
  resource: string;
}
