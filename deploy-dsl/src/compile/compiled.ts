import type { NomadJob } from '../cluster/nomad-job.ts';
import type { ModelPath } from '../language/origins.ts';

/** Everything one environment needs in its clusters. A pure function of the model and the builds. */
export interface Compiled {
  environment: string;
  clouds: CompiledCloud[];
  topology: Topology;
}

export interface CompiledCloud {
  /** Nomad region and Consul datacenter. */
  name: string;
  /** In start order: a job's `needs` stand before it. */
  jobs: CompiledJob[];
  /** Goes to Consul's key `tandem/edge/template`; rendered by consul-template at every edge. */
  edgeTemplate: string;
}

export interface CompiledJob {
  /** As submitted to Nomad's `PUT /v1/jobs`, without the fields the server computes. */
  spec: NomadJob;
  kind: 'platform' | 'redis' | 'service';
  /** Name of the service it belongs to; null for the platform's own. */
  service: string | null;
  /** Jobs of the same cloud that must be healthy first. */
  needs: string[];
  /** Where in the model the job comes from. */
  origin: ModelPath;
}

/** What RabbitMQ must hold, declared through its management API. Quorum queues, topic exchange `events`. */
export interface Topology {
  exchanges: { name: string; type: 'topic' | 'direct' | 'fanout'; origin: ModelPath }[];
  queues: { name: string; arguments: Record<string, string | number | boolean>; origin: ModelPath }[];
  bindings: { exchange: string; queue: string; routingKey: string; origin: ModelPath }[];
}
