/** Width by height of a picture. */
const ratio = 16 / 9;

/** Pictures side by side may be so much smaller than below each other: less of each is cut off. */
const nearly = 0.95;

/**
 * How many columns make the pictures of a grid largest; of two that do nearly as well, the more.
 *
 * @param width, height of the place, and `gap` between two pictures, in pixels
 */
export function columnsFor(count: number, width: number, height: number, gap: number): number {
  const widths = Array.from({ length: Math.max(count, 1) }, (_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    const widest = (width - gap * (columns - 1)) / columns;
    const highest = (height - gap * (rows - 1)) / rows;
    return Math.min(widest, highest * ratio);
  });
  const largest = Math.max(...widths);
  return largest <= 0 ? 1 : widths.findLastIndex((each) => each >= largest * nearly) + 1;
}
