import type { CompiledJob } from './compiled.ts';

/**
 * The jobs with each one's `needs` before it, otherwise in the given order. A cycle, which the checks of the language
 * refuse, would be cut at the job that was given first.
 */
export function startOrder(jobs: CompiledJob[]): CompiledJob[] {
  const byId = new Map(jobs.map((job) => [job.spec.ID, job]));
  const visited = new Set<string>();
  const ordered: CompiledJob[] = [];
  // A stack of its own: a chain of a thousand services must not exhaust the call stack.
  for (const root of jobs) {
    const stack: { job: CompiledJob; needs: string[] }[] = [];
    const enter = (id: string) => {
      const job = byId.get(id);
      if (job === undefined || visited.has(id)) return;
      visited.add(id);
      stack.push({ job, needs: [...job.needs] });
    };
    enter(root.spec.ID);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.needs.shift();
      if (next !== undefined) enter(next);
      else {
        ordered.push(top.job);
        stack.pop();
      }
    }
  }
  return ordered;
}
