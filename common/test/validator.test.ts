import { expect, test } from 'vitest';
import { Type } from '../src/schema.ts';
import { validatorOf, violationsOf } from '../src/validator.ts';
import { startDemo } from './support/demo.ts';

const schema = Type.Object({
  limit: Type.Integer({ maximum: 50, default: 8 }),
  sizes: Type.Optional(Type.Array(Type.Number())),
  q: Type.Optional(Type.String()),
});

test.each(['1e999', '-1e999', 'Infinity', '-Infinity'])('the text %s is no number', (limit) => {
  const validate = validatorOf(schema, 'text');
  expect(validate({ limit })).toBe(false);
  expect(violationsOf(validate.errors ?? [])).toEqual([
    { pointer: '/limit', detail: 'must be a finite number' },
  ]);
  expect(validate({ limit: '9', sizes: ['1', limit] })).toBe(false);
  // Whoever looks for it finds it.
  expect(validate({ limit: '9', q: limit })).toBe(true);
  expect(validate.errors).toEqual([]);
});

test('a query with a number that has no end is refused with 422', async () => {
  await using demo = await startDemo({
    routes: (app) =>
      app.get(
        '/api/demo/list',
        { config: { access: 'public' }, schema: { querystring: schema } },
        async ({ query }) => ({ limit: query.limit }),
      ),
  });
  const answer = await demo.app.inject('/api/demo/list?limit=1e999');
  expect([answer.statusCode, answer.json().errors]).toEqual([
    422,
    [{ in: 'query', pointer: '/limit', detail: 'must be a finite number' }],
  ]);
  expect((await demo.app.inject('/api/demo/list?limit=7')).json()).toEqual({ limit: 7 });
  expect((await demo.app.inject('/api/demo/list')).json()).toEqual({ limit: 8 });
});
