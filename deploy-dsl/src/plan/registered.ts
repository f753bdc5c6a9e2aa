import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { JobStub } from '../cluster/nomad/job.ts';
import type { NomadJob } from '../cluster/nomad-job.ts';

export const RegisteredJob = Type.Object({
  /** Of the specification that Nomad was given. */
  digest: Type.String(),
  /** Nomad's JobModifyIndex since then: whoever registers or scales the job changes it. */
  index: Type.Integer(),
});
/** A job as a deploy has left it. */
export type RegisteredJob = Type.Static<typeof RegisteredJob>;

export const RegisteredJobs = Type.Record(Type.String(), RegisteredJob);
/** By `nameIn`. */
export type RegisteredJobs = Type.Static<typeof RegisteredJobs>;

/** What a job is called among those of all clouds. */
export function nameIn(cloud: string, id: string): string {
  return `${cloud}/${id}`;
}

/** What is kept of a specification that Nomad has had since this index. */
export function registered(spec: NomadJob, index: number): RegisteredJob {
  return { digest: digestOf(spec), index };
}

/**
 * Whether a job is known to run by this specification, so that it need not be read and Nomad needs no dry run of it: it was
 * given this very one, and nobody has touched the job since.
 */
export function isAsRegistered(spec: NomadJob, live: JobStub, known: RegisteredJob | undefined): boolean {
  if (live.Stop || known === undefined) return false;
  return live.JobModifyIndex === known.index && digestOf(spec) === known.digest;
}

function digestOf(spec: NomadJob): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex');
}
