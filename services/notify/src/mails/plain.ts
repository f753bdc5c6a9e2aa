/** Characters of a name that a mail shows. */
const LONGEST_NAME = 80;

/** No name needs more; what comes after it is not even looked at. */
const MOST_READ = 4 * LONGEST_NAME;

/** Change the direction of writing, or show nothing. The two joiners belong to letters and emoji. */
const FORMAT = /[\p{Cf}--[\u200C\u200D]]/gv;
const CONTROL_OR_SPACE = /[\p{Cc}\p{Z}]+/gu;

/** What mail programs make links of. */
const LINK = /(?<=\S)(?=[.@]\S|:\/\/)/gu;
const BREAK = '\u200B';

/**
 * A name that somebody chose, fit for the subject and the text of a mail to a stranger: one line, of ordinary length,
 * without tricks of writing direction, and nothing in it that a mail program would make a link of.
 */
export function plain(name: string): string {
  const readable = name
    .slice(0, MOST_READ)
    .toWellFormed()
    .replace(FORMAT, '')
    .replace(CONTROL_OR_SPACE, ' ')
    .trim();
  const characters = [...readable];
  const short =
    characters.length <= LONGEST_NAME ? readable : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
  return short.replace(LINK, BREAK);
}
