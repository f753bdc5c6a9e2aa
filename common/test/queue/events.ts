import { defineEvent, Type } from '../../src/index.ts';

export const thingMade = defineEvent({
  name: 'thing.made',
  version: 1,
  schema: Type.Object({ id: Type.String(), size: Type.Integer({ minimum: 0 }) }),
});

export const thingMoved = defineEvent({
  name: 'thing.moved',
  version: 1,
  schema: Type.Object({ id: Type.String(), step: Type.Integer() }),
  key: ({ id }) => id,
});
