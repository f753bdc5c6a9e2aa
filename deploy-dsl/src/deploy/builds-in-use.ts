import type { Target } from '../cluster/target.ts';
import type { Compiled } from '../compile/compiled.ts';
import { pruneBuilds } from '../local/builds.ts';
import { trimCompileCache } from '../local/compile-cache.ts';
import { stateOf } from '../local/state.ts';
import type { ReleaseRecord } from './release.ts';

/** Names of the builds (`<service>-<digest>`) that compiled jobs run from. */
export function buildsOf(compiled: Compiled): string[] {
  const folders = compiled.clouds.flatMap(({ jobs }) =>
    jobs.flatMap(({ spec }) =>
      spec.TaskGroups.flatMap(({ Tasks }) => Tasks.map(({ Config }) => buildOf(Config))),
    ),
  );
  return [...new Set(folders.filter((name) => name !== null))].sort();
}

/** Removes the builds of this machine that no release and no live job names any more, and what is cached of them. */
export async function pruneUnusedBuilds(
  root: string,
  releases: readonly ReleaseRecord[],
  target: Target,
): Promise<void> {
  const live = await Promise.all(
    target.clouds.map(async ({ nomad }) => {
      const stubs = await nomad.jobs.list();
      return Promise.all(stubs.map(({ ID }) => nomad.jobs.get(ID)));
    }),
  );
  const running = live.flat().flatMap((job) => job?.TaskGroups ?? []);
  const named = running.flatMap(({ Tasks }) => Tasks.map(({ Config }) => buildOf(Config ?? {})));
  const keep = [...releases.flatMap(({ builds }) => builds), ...named.filter((name) => name !== null)];
  await pruneBuilds(root, new Set(keep));
  await trimCompileCache(stateOf(root).jobs);
}

function buildOf(config: Record<string, unknown>): string | null {
  const folder = config.work_dir;
  return typeof folder === 'string' ? (/\}\/([^/]+-[0-9a-f]{12})(\/|$)/.exec(folder)?.[1] ?? null) : null;
}
