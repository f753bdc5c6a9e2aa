import { ClusterError } from '../cluster/cluster-error.ts';

/** A job that Nomad does not take, and Nomad's words for it: a tree of errors with one leaf per line. */
export interface Rejection {
  job: string;
  cloud: string;
  message: string;
}

/** Nomad does not take these jobs; found by its dry run, or at the latest when they are submitted. */
export class JobsRejected extends Error {
  readonly rejections: Rejection[];

  constructor(rejections: Rejection[]) {
    super(rejections.map(({ job, cloud, message }) => `${job} in ${cloud}: ${message}`).join('\n'));
    this.name = 'JobsRejected';
    this.rejections = rejections;
  }
}

/** Nomad answers a specification that it does not take with status 400 or 500 and a list of errors. */
export function isRejection(error: unknown): error is ClusterError {
  if (!(error instanceof ClusterError) || (error.status !== 400 && error.status !== 500)) return false;
  return !/no cluster leader|rpc error|connection refused|i\/o timeout|no path to region/i.test(error.reply);
}
