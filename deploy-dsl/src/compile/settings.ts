import type { Cloud } from '../language/model.ts';

/** What of the machine, and not of `services.yml`, enters the compiled jobs. */
export interface CompileSettings {
  /** Added to every fixed port of the platform, so that several local stacks fit on one machine. */
  portOffset?: number;
}

/** One environment's cloud, seen by the functions that make its jobs. */
export interface Place {
  environment: string;
  local: boolean;
  driver: 'raw_exec' | 'docker';
  cloud: string;
  /** Its machines by class; null where the file does not state them. */
  nodes: Cloud['nodes'];
  portOffset: number;
  /** URL at which people reach the edge, without a slash at the end; null where the environment has no domain. */
  publicUrl: string | null;
}
