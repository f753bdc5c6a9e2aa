import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { nullable } from '../cluster/shapes.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { secretItem, secretsPath } from '../compile/secrets.ts';

/** What another value of a secret means for an instance. */
export interface SecretEffect {
  cloud: string;
  instance: string;
  node: string;
  /** `replaced`: it has read the value, another one takes over; `starts`: it waits for the secret. */
  effect: 'replaced' | 'starts';
}

const WithTemplates = Type.Object({
  TaskGroups: Type.Array(
    Type.Object({
      Tasks: Type.Array(
        Type.Object({
          Templates: Type.Optional(nullable(Type.Array(Type.Object({ EmbeddedTmpl: Type.String() })))),
        }),
      ),
    }),
  ),
});

/** The instances that another value of this secret concerns: those whose job has a template of it. */
export async function effectOfSecret(
  service: string,
  name: string,
  clouds: readonly TargetCloud[],
  options: { signal: AbortSignal },
): Promise<SecretEffect[]> {
  const lists = await Promise.all(
    clouds.map(async ({ name: cloud, nomad }): Promise<SecretEffect[]> => {
      const live = await nomad.jobs.get(service, options);
      if (live === null || live.Stop || !reads(live, service, name)) return [];
      const allocations = await nomad.jobs.allocations(service, options);
      return allocations
        .filter(({ DesiredStatus, ClientStatus }) => {
          return DesiredStatus === 'run' && (ClientStatus === 'running' || ClientStatus === 'pending');
        })
        .map(({ ID, NodeName, ClientStatus }) => ({
          cloud,
          instance: ID,
          node: NodeName,
          effect: ClientStatus === 'running' ? 'replaced' : 'starts',
        }));
    }),
  );
  return lists.flat();
}

function reads(live: object, service: string, name: string): boolean {
  if (!Value.Check(WithTemplates, live)) return false;
  const templates = live.TaskGroups.flatMap(({ Tasks }) => Tasks.flatMap(({ Templates }) => Templates ?? []));
  return templates.some(
    ({ EmbeddedTmpl }) =>
      EmbeddedTmpl.includes(`nomadVar "${secretsPath(service)}"`) &&
      EmbeddedTmpl.includes(`.${secretItem(name)} `),
  );
}
