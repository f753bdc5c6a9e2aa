import { Type } from 'typebox';
import { isNotFound } from './cluster-error.ts';
import { Http } from './http.ts';
import { Allocations } from './nomad/allocations.ts';
import { Deployments } from './nomad/deployments.ts';
import { Evaluation } from './nomad/evaluation.ts';
import type { NomadEvent } from './nomad/event.ts';
import { type EventOptions, events } from './nomad/events.ts';
import { Jobs } from './nomad/jobs.ts';
import { Node, NodeDetails } from './nomad/node.ts';
import type { Abortable } from './nomad/request.ts';
import { Variables } from './nomad/variables.ts';
import { nullable } from './shapes.ts';

export interface NomadOptions {
  /** `http://host:port` of any server or client; requests for another region are passed on. */
  address: string;
  /** The cloud. */
  region: string;
  token?: string | undefined;
  /** The stack of this machine. */
  local: boolean;
}

/** Nomad's HTTP API for one region. Every method throws a ClusterError, or the signal's reason. */
export class Nomad {
  readonly address: string;
  readonly region: string;
  readonly jobs: Jobs;
  readonly allocations: Allocations;
  readonly deployments: Deployments;
  readonly variables: Variables;
  readonly #http: Http;

  constructor(options: NomadOptions) {
    this.#http = new Http({
      system: 'Nomad',
      address: options.address,
      headers: options.token ? { 'x-nomad-token': options.token } : {},
      query: { region: options.region },
      local: options.local,
    });
    this.address = this.#http.address;
    this.region = options.region;
    this.jobs = new Jobs(this.#http);
    this.allocations = new Allocations(this.#http);
    this.deployments = new Deployments(this.#http);
    this.variables = new Variables(this.#http);
  }

  async evaluation(id: string, options: Abortable = {}): Promise<Evaluation | null> {
    return this.#http.json(`/v1/evaluation/${encodeURIComponent(id)}`, Evaluation, options).catch((error) => {
      if (isNotFound(error)) return null;
      throw error;
    });
  }

  /** The machines of the region, by name. */
  async nodes(options: Abortable = {}): Promise<Node[]> {
    const query = { resources: true };
    const list = await this.#http.json('/v1/nodes', nullable(Type.Array(Node)), {
      query,
      signal: options.signal,
    });
    return (list ?? []).toSorted((a, b) => a.Name.localeCompare(b.Name));
  }

  /** Names of the host volumes of a machine. */
  async hostVolumes(nodeId: string, options: Abortable = {}): Promise<string[]> {
    const path = `/v1/node/${encodeURIComponent(nodeId)}`;
    return Object.keys((await this.#http.json(path, NodeDetails, options)).HostVolumes ?? {});
  }

  /** Names of all regions that this Nomad knows. */
  async regions(options: Abortable = {}): Promise<string[]> {
    return this.#http.json('/v1/regions', Type.Array(Type.String()), options);
  }

  /** Address of the region's leader; fails when there is none. */
  async leader(options: Abortable = {}): Promise<string> {
    return this.#http.json('/v1/status/leader', Type.String(), options);
  }

  events(options: EventOptions): AsyncGenerator<NomadEvent> {
    return events(this.#http, options);
  }
}
