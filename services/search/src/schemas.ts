import { StrictObject, Type } from '@tandem/common';

/** Longer than any name; what is typed beyond it is no search. */
const LONGEST_QUERY = 100;

const Kind = Type.Enum(['person', 'room']);

export const SearchQuery = StrictObject({
  q: Type.String({ maxLength: LONGEST_QUERY, description: 'What was typed so far; nothing finds nothing' }),
  kind: Type.Optional(Kind),
  limit: Type.Integer({ minimum: 1, maximum: 50, default: 10 }),
});

export const SearchResults = Type.Object({
  results: Type.Array(Type.Object({ kind: Kind, id: Type.String(), name: Type.String() }), {
    description: 'Best first',
  }),
});
