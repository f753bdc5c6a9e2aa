import type { Entry } from './index/segment.ts';

export type Kind = 'person' | 'room';

/** The id of an entry: people and rooms may have the same id. */
export const entryId = (kind: Kind, id: string) => prefixOf(kind) + id;

export const prefixOf = (kind: Kind) => `${kind}:`;

/** The opposite of `entryId`. */
export function resultOf({ id, text }: Entry): { kind: Kind; id: string; name: string } {
  const kind = id.startsWith(prefixOf('room')) ? 'room' : 'person';
  return { kind, id: id.slice(prefixOf(kind).length), name: text };
}
