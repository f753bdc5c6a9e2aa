import { Type } from 'typebox';
import type { Http } from '../http.ts';
import { nullable } from '../shapes.ts';
import { Allocation } from './allocation.ts';
import { Deployment, DeploymentUpdated } from './deployment.ts';
import { type Abortable, type Blocking, blocking, type Indexed } from './request.ts';

/** `/v1/deployment…`: rollouts of job versions. */
export class Deployments {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async get(id: string, options: Abortable = {}): Promise<Deployment> {
    return (await this.watch(id, options)).value;
  }

  /** Of all jobs: those that did not end well, or have not ended yet. */
  async unsuccessful(options: Abortable = {}): Promise<Deployment[]> {
    const query = { filter: 'Status != "successful"' };
    const list = await this.#http.json('/v1/deployments', nullable(Type.Array(Deployment)), {
      query,
      signal: options.signal,
    });
    return list ?? [];
  }

  /** With an index it answers when the deployment changed: an instance became healthy, or its status. */
  async watch(id: string, options: Blocking = {}): Promise<Indexed<Deployment>> {
    return this.#http.jsonWithIndex(path('', id), Deployment, blocking(options));
  }

  /** The instances that it placed, newest first. */
  async allocations(id: string, options: Abortable = {}): Promise<Allocation[]> {
    const list = await this.#http.json(path('allocations/', id), nullable(Type.Array(Allocation)), options);
    return (list ?? []).toSorted((a, b) => b.CreateIndex - a.CreateIndex);
  }

  /** Takes the canaries as the new version and rolls the rest. */
  async promote(id: string, options: Abortable = {}): Promise<DeploymentUpdated> {
    return this.#put('promote/', id, { DeploymentID: id, All: true }, options);
  }

  /** Ends it as failed; with auto-revert the job goes back to its last stable version. */
  async fail(id: string, options: Abortable = {}): Promise<DeploymentUpdated> {
    return this.#put('fail/', id, { DeploymentID: id }, options);
  }

  async pause(id: string, options: Abortable = {}): Promise<DeploymentUpdated> {
    return this.#put('pause/', id, { DeploymentID: id, Pause: true }, options);
  }

  async unpause(id: string, options: Abortable = {}): Promise<DeploymentUpdated> {
    return this.#put('pause/', id, { DeploymentID: id, Pause: false }, options);
  }

  async #put(action: string, id: string, body: object, options: Abortable): Promise<DeploymentUpdated> {
    return this.#http.json(path(action, id), DeploymentUpdated, {
      method: 'PUT',
      body,
      signal: options.signal,
    });
  }
}

function path(action: string, id: string): string {
  return `/v1/deployment/${action}${encodeURIComponent(id)}`;
}
