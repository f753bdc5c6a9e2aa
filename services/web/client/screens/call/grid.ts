/** Width by height of a picture. */
const ratio = 16 / 9;

/**
 * How many columns make the pictures of a grid largest.
 *
 * @param width, height of the place, and `gap` between two pictures, in pixels
 */
export function columnsFor(count: number, width: number, height: number, gap: number): number {
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= Math.max(count, 1); columns++) {
    const rows = Math.ceil(count / columns);
    const widest = (width - gap * (columns - 1)) / columns;
    const highest = (height - gap * (rows - 1)) / rows;
    const tile = Math.min(widest, highest * ratio);
    if (tile > best.width) best = { columns, width: tile };
  }
  return best.columns;
}
