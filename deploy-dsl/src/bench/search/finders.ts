import { DatabaseSync } from 'node:sqlite';
import { SearchIndex } from '@tandem/search/index';

/** Results a person sees while typing. */
const MOST = 10;

/** Finds at most ten names. */
export type Finder = (text: string) => string[];

/** The ways that are compared, by name: each indexes the names, and then finds. */
export const finders: Record<string, (names: readonly string[]) => Promise<Finder>> = {
  tandem: async (names) => {
    const index = await SearchIndex.of(entriesOf(names), (error) => {
      throw error;
    });
    return (text) => index.find(text, { user: 'nobody' }, MOST).map((entry) => entry.text);
  },
  'sqlite fts5, any ten': async (names) => fts5(names, ''),
  'sqlite fts5, best ten': async (names) => fts5(names, 'ORDER BY rank'),
};

function* entriesOf(names: readonly string[]) {
  for (const [number, text] of names.entries()) yield { id: `person:${number}`, text, audience: null };
}

/** As its documentation recommends for completion: prefix indexes, accents removed, and words that need not be adjacent. */
function fts5(names: readonly string[], order: string): Finder {
  const database = new DatabaseSync(':memory:');
  database.exec(
    `CREATE VIRTUAL TABLE people USING fts5(name, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3')`,
  );
  const insert = database.prepare('INSERT INTO people VALUES (?)');
  database.exec('BEGIN');
  for (const name of names) insert.run(name);
  database.exec('COMMIT');
  database.exec(`INSERT INTO people(people) VALUES ('optimize')`);
  const select = database.prepare(`SELECT name FROM people WHERE people MATCH ? ${order} LIMIT ${MOST}`);
  return (text) => {
    const words = text.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== '');
    return select.all(words.map((word) => `"${word}"*`).join(' ')).map(({ name }) => String(name));
  };
}
