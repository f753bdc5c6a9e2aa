import type { JobPlan } from '../plan/job-plan.ts';

/** How far each job of a deploy is, for whoever has to say or undo it. */
export class Journal {
  readonly #states = new Map<JobPlan, 'left' | 'begun' | 'done'>();
  readonly #indexes = new Map<JobPlan, number>();

  constructor(jobs: readonly JobPlan[]) {
    for (const job of jobs) this.#states.set(job, 'left');
  }

  begin(job: JobPlan): void {
    this.#states.set(job, 'begun');
  }

  /** Nomad has the job as planned, with this JobModifyIndex. */
  register(job: JobPlan, index: number): void {
    this.#indexes.set(job, index);
  }

  /** JobModifyIndex with which this deploy registered the job; null: it did not. */
  indexOf(job: JobPlan): number | null {
    return this.#indexes.get(job) ?? null;
  }

  end(job: JobPlan): void {
    this.#states.set(job, 'done');
  }

  /** Jobs that were touched, the last one first. */
  touched(): JobPlan[] {
    return [...this.#jobs('begun'), ...this.#jobs('done')].toReversed();
  }

  /** Jobs that were not touched yet. */
  left(): JobPlan[] {
    return this.#jobs('left');
  }

  /** Names of the jobs in a state, with their cloud where there are several. */
  names(state: 'left' | 'begun' | 'done'): string[] {
    return namesOf(this.#jobs(state), new Set([...this.#states.keys()].map(({ cloud }) => cloud)).size > 1);
  }

  #jobs(state: 'left' | 'begun' | 'done'): JobPlan[] {
    return [...this.#states].filter(([, is]) => is === state).map(([job]) => job);
  }
}

export function namesOf(jobs: readonly JobPlan[], severalClouds: boolean): string[] {
  return jobs.map(({ id, cloud }) => (severalClouds ? `${id} (${cloud})` : id));
}
