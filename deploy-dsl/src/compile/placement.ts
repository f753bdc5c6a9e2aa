import type { NomadConstraint, NomadSpread } from '../cluster/nomad-job.ts';
import { nodeMeta } from './assumptions.ts';
import { runtime } from './runtime.ts';
import type { Place } from './settings.ts';

/** On which machines of a cloud a job may run, and over what it is spread. This machine is the only one of its cloud. */
export function placement(
  place: Place,
  nodeClass: string,
  spread: 'zone' | 'node' | null,
): { Constraints?: NomadConstraint[]; Spreads?: NomadSpread[] } {
  if (place.local) return {};
  const attribute = spread === 'zone' ? nodeMeta.zone : runtime('node.unique.id');
  return {
    Constraints: [{ LTarget: runtime('node.class'), RTarget: nodeClass, Operand: '=' }],
    ...(spread === null ? {} : { Spreads: [{ Attribute: attribute, Weight: 100 }] }),
  };
}
