/** The first names of a list that may be as long as the file. */
export function someOf(names: Iterable<string>): string {
  const shown = Iterator.from(names).take(11).toArray();
  return shown.length > 10 ? [...shown.slice(0, 10), '...'].join(', ') : shown.join(', ');
}
