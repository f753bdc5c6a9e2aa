import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { SearchIndex } from '../src/index/search-index.ts';
import type { Entry } from '../src/index/segment.ts';
import { wordsOf } from '../src/index/words.ts';

const indexes: SearchIndex[] = [];

async function indexOf(...entries: Entry[]): Promise<SearchIndex> {
  const index = await SearchIndex.of(entries, (error) => {
    throw error;
  });
  indexes.push(index);
  return index;
}

afterEach(async () => {
  await Promise.all(indexes.splice(0).map((index) => index.close()));
});

const named = (text: string, audience: Entry['audience'] = null): Entry => ({
  id: `user:${text}`,
  text,
  audience,
});

const find = (index: SearchIndex, query: string, user = 'somebody') =>
  index.find(query, { user }, 10).map(({ text }) => text);

describe('what is typed', () => {
  test.each([
    ['ann', 'the beginning of a first name'],
    ['mül', 'the beginning of a last name'],
    ['mul', 'no accent'],
    ['MÜLLER', 'capitals'],
    ['anna mul', 'both names'],
    ['mül ann', 'both names the other way round'],
    ['ana', 'three letters, one of them wrong'],
    ['nana', 'a letter too much'],
    ['muler', 'a letter too few'],
    ['mluler', 'two letters that changed places'],
    ['anna-mueller', 'ue for ü, and a hyphen'],
    ['  anna   ', 'blanks'],
  ])('%s: %s', async (query) => {
    const index = await indexOf(named('Anna Müller'), named('Bob Stone'), named("Siobhán O'Brien"));
    expect(find(index, query)).toEqual(['Anna Müller']);
  });

  test.each([
    ["o'br", "Siobhán O'Brien"],
    ['obrien', "Siobhán O'Brien"],
    ['søren', 'Soren Łukasz'],
    ['lukasz', 'Soren Łukasz'],
    ['strasse', 'Haus Straße'],
    ['дми', 'Дмитрий Иванов'],
    ['王', '王 小明'],
    ['𝒜nna', 'Anna'],
  ])('%s finds %s', async (query, text) => {
    const index = await indexOf(named(text), named('Somebody Else'));
    expect(find(index, query)).toEqual([text]);
  });

  test.each([
    ['empty', ''],
    ['a query of another language', '"bob"* OR (1=1)'],
    ['a blank', ' '],
    ['signs', '...'],
    ['a picture', '😀'],
    ['NUL', '\u0000'],
    ['the mark of a user', '\u0001somebody'],
    ['half a letter', '\ud800'],
    ['a word of 100,000 letters', 'x'.repeat(100_000)],
    ['50,000 words', 'a '.repeat(50_000)],
  ])('nonsense finds nothing: %s', async (_what, query) => {
    const index = await indexOf(named('Bob Stone'), named('secret plans', ['somebody']));
    expect(find(index, query.slice(0, 200_000))).toEqual([]);
  });
});

describe('order', () => {
  test('whole words, then beginnings, then slips', async () => {
    const index = await indexOf(
      named('Johanna Ek'),
      named('Jon Ek'),
      named('Jo Ek'),
      named('Jonas Ek'),
      named('Jan Ek'),
    );
    expect(find(index, 'jon')).toEqual(['Jon Ek', 'Jonas Ek', 'Jan Ek', 'Johanna Ek']);
  });

  test('one slip before two, and two only in long words', async () => {
    const index = await indexOf(named('Christaino'), named('Christiano'), named('Peter'));
    expect(find(index, 'christiane')).toEqual(['Christiano', 'Christaino']);
    expect(find(index, 'petre')).toEqual(['Peter']);
    expect(find(index, 'ptere')).toEqual([]);
  });

  test('words in the order they were typed first', async () => {
    const index = await indexOf(named('Martin Paul'), named('Paul Martin'));
    expect(find(index, 'paul m')).toEqual(['Paul Martin', 'Martin Paul']);
  });

  test('no more than asked for, and each once', async () => {
    const index = await indexOf(
      ...Array.from({ length: 50 }, (_, number) => named(`Anna Annabel Ann ${number}`)),
    );
    const found = index.find('ann', { user: 'somebody' }, 20).map(({ id }) => id);
    expect(new Set(found).size).toBe(20);
  });
});

describe('audience', () => {
  test('only those may find it who are named', async () => {
    const index = await indexOf(
      named('Budget plans', ['ada', 'bob']),
      named('Budget', null),
      named('Budget cuts', []),
    );
    expect(find(index, 'budget', 'ada')).toEqual(['Budget', 'Budget plans']);
    expect(find(index, 'budget', 'eve')).toEqual(['Budget']);
    expect(find(index, 'ada', 'ada')).toEqual([]);
    expect(find(index, 'budget', 'ad')).toEqual(['Budget']);
  });

  test('whoever is no longer named does not find it from that moment on', async () => {
    const index = await indexOf(named('Budget plans', ['ada', 'bob']));
    index.put(named('Budget plans', ['bob']));
    expect(find(index, 'budget', 'ada')).toEqual([]);
    expect(find(index, 'budget', 'bob')).toEqual(['Budget plans']);
    expect(find(index, 'budget', 'ada')).toEqual([]);
  });
});

test('only entries of one kind', async () => {
  const index = await indexOf({ id: 'room:1', text: 'Anna', audience: null }, named('Anna'), named('Hannes'));
  expect(index.find('anna', { user: 'ada', prefix: 'room:' }, 10)).toEqual([
    { id: 'room:1', text: 'Anna', audience: null },
  ]);
  expect(index.find('hannes', { user: 'ada', prefix: 'room:' }, 10)).toEqual([]);
});

describe('changes', () => {
  test('what was removed is not found, what was renamed is found by its new name only', async () => {
    const index = await indexOf(named('Anna'), named('Eve'));
    index.remove('user:Anna');
    index.put({ id: 'user:Eve', text: 'Robert', audience: null });
    expect(find(index, 'rob')).toEqual(['Robert']);
    expect(find(index, 'eve')).toEqual([]);
    expect(find(index, 'ann')).toEqual([]);
  });

  test('thousands of them, merged by the other thread meanwhile, and nothing is lost or found twice', async () => {
    const index = await indexOf(...Array.from({ length: 30_000 }, (_, number) => entry(number, 'old')));
    for (let number = 0; number < 30_000; number += 3) {
      index.put(entry(number, 'new'));
      if (number % 9 === 0) index.remove(`room:${number}`);
      // Lets segments settle and be merged in between.
      if (number % 1_500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(index.find('new', { user: 'somebody' }, 30_000)).toHaveLength(6_666);
    const ids = index.find('word', { user: 'somebody' }, 30_000).map(({ id }) => id);
    expect(ids).toHaveLength(26_666);
    expect(new Set(ids).size).toBe(26_666);
    expect(index.find('old', { user: 'somebody' }, 30_000)).toHaveLength(20_000);
  });

  const entry = (number: number, word: string): Entry => ({
    id: `room:${number}`,
    text: `word ${word} ${number}`,
    audience: null,
  });
});

test('finds what a plain search through all entries finds', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', 'C', '1'), minLength: 1, maxLength: 4 });
  const entries = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 6 }),
      text: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
      audience: fc.option(fc.array(fc.constantFrom('ada', 'bob'), { maxLength: 2 }), { nil: null }),
    }),
    { selector: ({ id }) => id, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(entries, fc.array(word, { minLength: 1, maxLength: 2 }), async (all, query) => {
      const index = await indexOf(...all);
      const found = index.find(query.join(' '), { user: 'ada' }, 100).map(({ id }) => id);
      const plain = all
        .filter(({ audience }) => audience === null || audience.includes('ada'))
        .filter(({ text }) => {
          const words = wordsOf(text);
          return wordsOf(query.join(' ')).every((typed) =>
            words.some((candidate) => candidate.startsWith(typed)),
          );
        });
      // Those that fit without a slip come first, and all of them come.
      expect(new Set(found.slice(0, plain.length))).toEqual(new Set(plain.map(({ id }) => id)));
    }),
  );
});
