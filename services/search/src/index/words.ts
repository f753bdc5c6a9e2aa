/** More than these are not looked at: nobody is called by more words, and nobody types longer ones. */
export const MOST_WORDS = 8;
export const LONGEST_WORD = 32;

/** Letters that do not decompose into a base letter and a mark. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
};
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');
const PLAIN = /^[a-z0-9 ]*$/;
const MARKS = /\p{M}/gu;
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;
/** O'Brien and d’Arc are one word each to those who type them, however they type them. */
const APOSTROPHES = /['’ʼ`´]/g;

/**
 * The words of a text as they are compared: lower case, without accents and punctuation.
 *
 * @returns at most `MOST_WORDS` words of at most `LONGEST_WORD` UTF-16 code units
 */
export function wordsOf(text: string): string[] {
  const lower = text.toLowerCase();
  const plain = PLAIN.test(lower) ? lower : fold(lower);
  const words: string[] = [];
  for (const word of plain.split(BETWEEN_WORDS)) {
    if (word === '') continue;
    words.push(word.slice(0, LONGEST_WORD));
    if (words.length === MOST_WORDS) break;
  }
  return words;
}

function fold(lower: string): string {
  return lower
    .normalize('NFKD')
    .replace(MARKS, '')
    .replace(APOSTROPHES, '')
    .toLowerCase()
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter);
}
