import { allFakers } from '@faker-js/faker';

/** What a person types who looks for somebody. */
export interface Query {
  text: string;
  /** Names that contain these words are what was meant; empty where the typed letters leave that open. */
  meant: string[];
}

/** Of a thousand people so many have a name that no list has; real directories have long tails, too. */
const RARE = 150;

const SYLLABLES =
  'an ber cor da el fi go ha in jo ka la mi na or pe qui ro sa ti ul va wa xe yo zu sch th er ger ter son ski ez'.split(
    ' ',
  );

/**
 * Names as a directory of an international company has them: from lists of 60 languages, frequent names far more often
 * than rare ones (Zipf), some with a second first name or a double surname. The same for the same count.
 */
export function makePeople(count: number): string[] {
  const random = seeded(count);
  const lists = nameLists();
  const pick = (names: readonly string[]) =>
    names[Math.floor(names.length ** random()) - 1] ?? names[0] ?? '';
  const surname = (names: readonly string[]) => (random() * 1_000 < RARE ? rareName(random) : pick(names));
  return Array.from({ length: count }, () => {
    const { first, last } = lists[Math.floor(random() * lists.length)] ?? { first: [], last: [] };
    const given = random() < 0.1 ? `${pick(first)} ${pick(first)}` : pick(first);
    const family = random() < 0.05 ? `${surname(last)}-${surname(last)}` : surname(last);
    return `${given} ${family}`;
  });
}

/** Ways of typing a name, each with so many queries for people drawn from all. */
export function makeQueries(people: readonly string[], count: number): Record<string, Query[]> {
  const random = seeded(people.length + 1);
  const some = (
    typed: (words: string[]) => string,
    meant: (words: string[]) => string[] = () => [],
  ): Query[] =>
    Array.from({ length: count }, () => {
      const words = (people[Math.floor(random() * people.length)] ?? '').split(/[ -]/);
      return { text: typed(words), meant: meant(words) };
    });
  const letters = (words: string[], at: number, many: number) =>
    [...(words.at(at) ?? '')].slice(0, many).join('');
  const surname = (words: string[]) => words.slice(-1);
  const everything = (words: string[]) => words;
  return {
    'one letter': some((words) => letters(words, 0, 1)),
    'two letters': some((words) => letters(words, 0, 2)),
    'three letters': some((words) => letters(words, -1, 3)),
    'three letters, one wrong': some((words) => slip(letters(words, -1, 3), random)),
    'first name and two letters': some((words) => `${words[0]} ${letters(words, -1, 2)}`),
    'two letters of each name, turned round': some(
      (words) => `${letters(words, -1, 2)} ${letters(words, 0, 2)}`,
    ),
    surname: some((words) => words.at(-1) ?? '', surname),
    'whole name': some((words) => words.join(' '), everything),
    'whole name, no accents': some((words) => plain(words.join(' ')), everything),
    'whole name, one slip': some(
      (words) => [...words.slice(0, -1), slip(words.at(-1) ?? '', random)].join(' '),
      everything,
    ),
    'surname, one slip': some((words) => slip(words.at(-1) ?? '', random), surname),
  };
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** One letter more, less, other, or two that changed places, but not the first. */
function slip(word: string, random: () => number): string {
  const letters = [...word];
  const at = 1 + Math.floor(random() * Math.max(letters.length - 1, 1));
  const kind = letters.length <= 3 ? 2 : Math.floor(random() * 4);
  const other = 'etaoinsrh'[Math.floor(random() * 9)] ?? 'e';
  if (kind === 0) letters.splice(at, 0, other);
  else if (kind === 1) letters.splice(at, 1);
  else if (kind === 2 || at + 1 >= letters.length) letters.splice(at, 1, other);
  else letters.splice(at, 2, letters[at + 1] ?? '', letters[at] ?? '');
  return letters.join('');
}

function nameLists(): { first: string[]; last: string[] }[] {
  return Object.values(allFakers).flatMap(({ rawDefinitions: { person } }) => {
    const all = (
      names: typeof person extends undefined ? never : NonNullable<typeof person>['first_name'],
    ) => [...new Set([...(names?.generic ?? []), ...(names?.female ?? []), ...(names?.male ?? [])])];
    const first = all(person?.first_name);
    const last = all(person?.last_name);
    return first.length > 0 && last.length > 0 ? [{ first, last }] : [];
  });
}

function rareName(random: () => number): string {
  const count = 2 + Math.floor(random() * 3);
  const name = Array.from(
    { length: count },
    () => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? '',
  ).join('');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32, Tommy Ettinger). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
