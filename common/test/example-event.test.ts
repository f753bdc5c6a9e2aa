import { expect, test } from 'vitest';
import { defineEvent, Type } from '../src/index.ts';
import { exampleOf } from '../src/testing/index.ts';

const thingHappened = defineEvent({
  name: 'thing.happened',
  version: 1,
  schema: Type.Object({
    id: Type.String({ format: 'uuid' }),
    at: Type.String({ format: 'date-time' }),
    code: Type.String({ pattern: '^[a-z]{4}$' }),
    size: Type.Integer({ minimum: 3, maximum: 9 }),
    by: Type.Union([Type.Object({ email: Type.String({ format: 'email' }) }), Type.Null()]),
  }),
});

test('an example of an event fits its schema, whatever is made up, and has what is known', () => {
  for (let round = 0; round < 200; round++) {
    expect(JSON.parse(exampleOf(thingHappened, { size: 5 }).body).size).toBe(5);
  }
});
