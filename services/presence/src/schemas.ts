import { type Static, StrictObject, Type } from '@tandem/common';

export const State = Type.Enum(['here', 'in-call'], {
  description: '`here`: a page of Tandem is open somewhere; `in-call`: one is in a call',
});
export type State = Static<typeof State>;

export const Saying = StrictObject({
  state: State,
  page: Type.String({
    pattern: '^[\\w-]{8,64}$',
    description: 'Made up by the page: of several open pages each speaks for itself',
  }),
});

export const Said = Type.Object({
  againWithinS: Type.Integer({
    description: 'Whoever says nothing for longer is taken for gone, in seconds',
  }),
});

export const Leaving = StrictObject({ page: Saying.properties.page });

export const PresencesQuery = StrictObject({
  ids: Type.String({
    pattern: '^[\\w-]{22}(,[\\w-]{22}){0,99}$',
    description: 'Up to 100 ids of users, with commas between them',
  }),
});

export const Presences = Type.Object({
  presences: Type.Array(Type.Object({ user: Type.String(), state: State }), {
    description: 'Those who are there, in the order of the ids',
  }),
});
