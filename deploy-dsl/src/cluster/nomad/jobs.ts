import { Type } from 'typebox';
import { isNotFound } from '../cluster-error.ts';
import type { Http } from '../http.ts';
import type { NomadJob } from '../nomad-job.ts';
import { nullable } from '../shapes.ts';
import { Allocation } from './allocation.ts';
import { Deployment } from './deployment.ts';
import { Evaluation } from './evaluation.ts';
import { Deregistered, JobStub, JobVersions, LiveJob, Registered, Validated } from './job.ts';
import { JobPlan } from './plan.ts';
import { type Abortable, type Blocking, blocking, type Indexed } from './request.ts';

export interface RegisterOptions extends Abortable {
  /**
   * Register only when the live job still has this JobModifyIndex (0: only when there is none); else the request fails
   * with an error that `isConflict` recognises.
   */
  enforceIndex?: number | undefined;
  /** Keep the live counts, for instance those that the autoscaler set. */
  preserveCounts?: boolean | undefined;
}

/** `/v1/jobs` and `/v1/job/…`. */
export class Jobs {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(options: Abortable & { prefix?: string } = {}): Promise<JobStub[]> {
    const query = { meta: true, prefix: options.prefix };
    return this.#http.json('/v1/jobs', Type.Array(JobStub), { query, signal: options.signal });
  }

  /** The live job, null when there is none. A stopped one is there with `Stop`. */
  async get(id: string, options: Abortable = {}): Promise<LiveJob | null> {
    return this.#http.json(path(id), LiveJob, options).catch(nullWhenMissing);
  }

  /** All versions that Nomad keeps (6 unless configured), newest first. */
  async versions(id: string, options: Abortable = {}): Promise<LiveJob[]> {
    const answer = await this.#http.json(path(id, 'versions'), JobVersions, options).catch(nullWhenMissing);
    return answer?.Versions ?? [];
  }

  async register(job: NomadJob | LiveJob, options: RegisterOptions = {}): Promise<Registered> {
    const cas =
      options.enforceIndex === undefined ? {} : { EnforceIndex: true, JobModifyIndex: options.enforceIndex };
    const counts = options.preserveCounts === true ? { PreserveCounts: true } : {};
    return this.#http.json('/v1/jobs', Registered, {
      method: 'PUT',
      body: { Job: job, ...cas, ...counts },
      signal: options.signal,
    });
  }

  /** Nomad's dry run: what would change against the live job, and where it would not fit. */
  async plan(job: NomadJob | LiveJob, options: Abortable = {}): Promise<JobPlan> {
    return this.#http.json(path(job.ID, 'plan'), JobPlan, {
      method: 'PUT',
      body: { Job: job, Diff: true },
      signal: options.signal,
    });
  }

  async validate(job: NomadJob, options: Abortable = {}): Promise<Validated> {
    return this.#http.json('/v1/validate/job', Validated, {
      method: 'PUT',
      body: { Job: job },
      signal: options.signal,
    });
  }

  /** Stops the job; with `purge` Nomad forgets it and its versions. */
  async deregister(id: string, options: Abortable & { purge?: boolean } = {}): Promise<Deregistered> {
    return this.#http.json(path(id), Deregistered, {
      method: 'DELETE',
      query: { purge: options.purge ?? false },
      signal: options.signal,
    });
  }

  /** Sets the count of a group; Nomad refuses while a deployment of the job is active. */
  async scale(
    id: string,
    group: string,
    count: number,
    options: Abortable & { message?: string } = {},
  ): Promise<Registered> {
    return this.#http.json(path(id, 'scale'), Registered, {
      method: 'PUT',
      body: { Count: count, Target: { Job: id, Group: group }, Message: options.message ?? '' },
      signal: options.signal,
    });
  }

  /** Goes back to an earlier version, as a new version. */
  async revert(id: string, version: number, options: Abortable = {}): Promise<Registered> {
    return this.#http.json(path(id, 'revert'), Registered, {
      method: 'PUT',
      body: { JobID: id, JobVersion: version },
      signal: options.signal,
    });
  }

  /** Lets the scheduler look again; with `forceReschedule` failed instances are tried again at once. */
  async evaluate(id: string, options: Abortable & { forceReschedule?: boolean } = {}): Promise<Registered> {
    return this.#http.json(path(id, 'evaluate'), Registered, {
      method: 'PUT',
      body: { JobID: id, EvalOptions: { ForceReschedule: options.forceReschedule ?? false } },
      signal: options.signal,
    });
  }

  /** Instances of the job, newest first; `all` includes those of an earlier job of the same name. */
  async allocations(id: string, options: Blocking & { all?: boolean } = {}): Promise<Allocation[]> {
    return (await this.watchAllocations(id, options)).value;
  }

  async watchAllocations(
    id: string,
    options: Blocking & { all?: boolean } = {},
  ): Promise<Indexed<Allocation[]>> {
    const { query, ...rest } = blocking(options);
    const answer = await this.#http.jsonWithIndex(path(id, 'allocations'), nullable(Type.Array(Allocation)), {
      query: { ...query, all: options.all ?? false },
      ...rest,
    });
    const value = (answer.value ?? []).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
    return { value, index: answer.index };
  }

  /** Deployments of the job, newest first. */
  async deployments(id: string, options: Abortable = {}): Promise<Deployment[]> {
    return (await this.watchDeployments(id, options)).value;
  }

  async watchDeployments(id: string, options: Blocking = {}): Promise<Indexed<Deployment[]>> {
    const answer = await this.#http.jsonWithIndex(
      path(id, 'deployments'),
      nullable(Type.Array(Deployment)),
      blocking(options),
    );
    const value = (answer.value ?? []).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
    return { value, index: answer.index };
  }

  async latestDeployment(id: string, options: Abortable = {}): Promise<Deployment | null> {
    return this.#http.json(path(id, 'deployment'), nullable(Deployment), options).catch(nullWhenMissing);
  }

  /** Evaluations of the job that Nomad still keeps, newest first. */
  async evaluations(id: string, options: Abortable = {}): Promise<Evaluation[]> {
    const list = await this.#http.json(path(id, 'evaluations'), nullable(Type.Array(Evaluation)), options);
    return (list ?? []).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
  }
}

function path(id: string, ...rest: string[]): string {
  return ['/v1/job', encodeURIComponent(id), ...rest].join('/');
}

function nullWhenMissing(error: unknown): null {
  if (isNotFound(error)) return null;
  throw error;
}
