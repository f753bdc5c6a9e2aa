import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Service } from '../language/model.ts';
import { exchange, textOf } from './exchange.ts';
import type { TargetCloud } from './target.ts';

/** What a media server says of itself at /internal/calls. */
const Calls = Type.Object({
  draining: Type.Boolean(),
  calls: Type.Array(Type.Object({ room: Type.String(), people: Type.Integer() })),
});
export type Calls = Static<typeof Calls>;

/** An instance that carries calls. */
export interface CallServer extends Calls {
  service: string;
  cloud: string;
  /** Id of the allocation. */
  id: string;
  /** `http://10.0.0.5:20113` */
  address: string;
}

/** A server that is in trouble must not keep the operator waiting, in ms. */
const PATIENCE_MS = 2_000;

/** Nobody else takes media: whoever else has such ports is asked, and says that it knows no calls. */
export const mayCarryCalls = ({ ports }: Service): boolean =>
  ports.some(({ protocol }) => protocol === 'udp');

/**
 * The calls that an instance carries.
 *
 * @param change `PUT` empties it from now on, `DELETE` calls that off
 * @returns null where it does not answer, or is no media server
 */
export async function readCalls(
  address: string,
  signal: AbortSignal,
  change: 'PUT' | 'DELETE' | null = null,
): Promise<Calls | null> {
  try {
    const answer = await exchange(new URL(change === null ? '/internal/calls' : '/internal/drain', address), {
      method: change ?? 'GET',
      headers: {},
      body: undefined,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const calls: unknown = JSON.parse(await textOf(answer));
    return answer.statusCode === 200 && Value.Check(Calls, calls) ? calls : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** The instances of a service that carry calls, of all these clouds. @throws ClusterError */
export async function readCallServers(
  service: string,
  clouds: readonly TargetCloud[],
  signal: AbortSignal,
): Promise<CallServer[]> {
  const found = await Promise.all(
    clouds.map(async ({ name: cloud, consul }) => {
      const entries = await consul.health(service, { signal });
      return Promise.all(
        entries.map(async ({ Node, Service: { ID, Address, Port } }): Promise<CallServer[]> => {
          const address = `http://${Address || Node.Address}:${Port}`;
          const calls = await readCalls(address, signal);
          return calls === null ? [] : [{ service, cloud, id: allocationOf(ID), address, ...calls }];
        }),
      );
    }),
  );
  return found.flat(2).toSorted((a, b) => a.id.localeCompare(b.id));
}

/** How many calls and people servers carry. */
export function countCalls(servers: readonly Pick<Calls, 'calls'>[]): { calls: number; people: number } {
  const all = servers.flatMap(({ calls }) => calls);
  return { calls: all.length, people: all.reduce((sum, { people }) => sum + people, 0) };
}

/** Nomad registers an instance as `_nomad-task-<allocation>-…`. */
const allocationOf = (id: string): string => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(id)?.[0] ?? id;
