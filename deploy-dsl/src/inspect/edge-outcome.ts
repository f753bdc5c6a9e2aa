import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Nomad } from '../cluster/nomad.ts';
import type { Static } from '../cluster/shapes.ts';

const Outcome = Type.Union([
  Type.Object({ template: Type.String(), ok: Type.Literal(true) }),
  Type.Object({
    template: Type.String(),
    ok: Type.Literal(false),
    serves: Type.Optional(Type.String()),
    error: Type.String(),
    line: Type.Number(),
    text: Type.String(),
    origin: Type.String(),
  }),
]);
/** What became of the last configuration that an edge was given; `template` is its digest. */
export type EdgeOutcome = Static<typeof Outcome>;

export interface Edge {
  instance: string;
  node: string;
  running: boolean;
  /** Null until it was given one, or when its node does not answer. */
  outcome: EdgeOutcome | null;
}

/** The edges of a cloud, one per node, and what each made of the routes it was given last. */
export async function edgesOf(
  nomad: Nomad,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Edge[]> {
  const allocations = await nomad.jobs.allocations('edge', options);
  const wanted = allocations.filter(({ DesiredStatus }) => DesiredStatus === 'run');
  return Promise.all(
    wanted.map(async (allocation) => ({
      instance: allocation.ID,
      node: allocation.NodeName,
      running: allocation.ClientStatus === 'running',
      outcome: await outcomeOf(nomad, allocation.ID, options),
    })),
  );
}

/** Reads `outcome.json`, which `nomad-jobs/platform/edge/apply.sh` writes. */
async function outcomeOf(
  nomad: Nomad,
  instance: string,
  options: { signal?: AbortSignal | undefined },
): Promise<EdgeOutcome | null> {
  try {
    const text = await nomad.allocations.cat(instance, 'alloc/data/edge/outcome.json', options);
    const outcome: unknown = text === null ? null : JSON.parse(text);
    return Value.Check(Outcome, outcome) ? outcome : null;
  } catch {
    options.signal?.throwIfAborted();
    return null;
  }
}
