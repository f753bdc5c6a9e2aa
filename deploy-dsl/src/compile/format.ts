import type { NomadJob } from '../cluster/nomad-job.ts';

/** The job as `nomad job run -json` and `nomad job validate -json` take it: two spaces of indent, keys as compiled. */
export const formatJob = (spec: NomadJob): string => `${JSON.stringify({ Job: spec }, null, 2)}\n`;
