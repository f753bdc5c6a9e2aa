import { expect, test } from 'vitest';
import { apiBreaks } from '../../src/contract/api-breaks.ts';
import { describeService } from '../../src/contract/description.ts';
import { type App, defineService, problemType, StrictObject, Type } from '../../src/index.ts';

const gone = problemType('thing-gone', 410, 'It is gone');
const goneElsewhere = problemType('thing-gone', 404, 'It is gone');

interface Variant {
  path?: string;
  access?: 'public' | 'user';
  query?: object;
  body?: object;
  status?: 200 | 201;
  answer?: object;
  problem?: typeof gone | null;
}

/** The OpenAPI of a service with one route. */
async function apiWith({
  path = '/api/things/:id',
  access = 'public',
  query = StrictObject({ all: Type.Optional(Type.Boolean()) }),
  body = StrictObject({ name: Type.String() }),
  status = 200,
  answer = Type.Object({ name: Type.String() }),
  problem = gone,
}: Variant = {}) {
  const routes = (app: App) => {
    app.post(
      path,
      {
        config: { access, problems: problem === null ? [] : [problem] },
        schema: {
          params: Type.Object({ id: Type.String() }),
          querystring: query,
          body,
          response: { [status]: answer },
        },
      },
      async () => ({}),
    );
  };
  const { api } = await describeService(defineService({ name: 'things', description: 'For tests.', routes }));
  return api;
}

const breaksOf = async (after: Variant, before: Variant = {}) => {
  const found = apiBreaks(await apiWith(before), await apiWith(after));
  expect(new Set(found.map(({ part }) => part)).size).toBeLessThanOrEqual(1);
  return found.map((each) => each.found);
};

test.each<[what: string, after: Variant, before?: Variant]>([
  ['the same', {}],
  [
    'a new optional parameter',
    { query: StrictObject({ all: Type.Optional(Type.Boolean()), more: Type.Optional(Type.String()) }) },
  ],
  [
    'one with a default',
    { query: StrictObject({ all: Type.Optional(Type.Boolean()), limit: Type.Integer({ default: 10 }) }) },
  ],
  ['a body that may be left out', { body: Type.Union([StrictObject({ name: Type.String() }), Type.Null()]) }],
  ['a longer answer', { answer: Type.Object({ name: Type.String(), size: Type.Integer() }) }],
  ['a new problem', {}, { problem: null }],
  ['no token any more', {}, { access: 'user' }],
])('%s breaks no caller', async (_, after, before) => {
  expect(await breaksOf(after, before)).toEqual([]);
});

test.each<[what: string, after: Variant, found: string, before?: Variant]>([
  ['another path', { path: '/api/other/:id' }, 'is gone'],
  ['a token', { access: 'user' }, 'needs a token now'],
  ['a parameter that is gone', { query: StrictObject({}) }, 'the query: /all is refused now'],
  [
    'a new required parameter',
    { query: StrictObject({ all: Type.Boolean() }) },
    'the query: /all is required now',
  ],
  [
    'a narrower parameter',
    { query: StrictObject({ all: Type.Optional(Type.Integer()) }) },
    'the query: /all was "number" and is "integer"',
    { query: StrictObject({ all: Type.Optional(Type.Number()) }) },
  ],
  [
    'a new required input',
    { body: StrictObject({ name: Type.String(), size: Type.Integer() }) },
    'the body: /size is required now',
  ],
  [
    'a narrower input',
    { body: StrictObject({ name: Type.String({ maxLength: 9 }) }) },
    'the body: /name has a narrower maxLength',
  ],
  [
    'a body that must be there',
    {},
    'the body: / may not have every form that it had',
    { body: Type.Union([StrictObject({ name: Type.String() }), Type.Null()]) },
  ],
  ['another status', { status: 201 }, 'does not answer 200 any more'],
  ['a shorter answer', { answer: Type.Object({}) }, 'the answer 200: /name may be missing'],
  ['another problem', { problem: null }, 'does not answer thing-gone any more'],
  ['a problem with another status', { problem: goneElsewhere }, 'answers thing-gone with 404 instead of 410'],
])('%s breaks callers', async (_, after, found, before) => {
  expect(await breaksOf(after, before)).toContain(found);
});
