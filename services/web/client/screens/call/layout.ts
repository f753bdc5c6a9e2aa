/** Width by height of a picture; how much taller than wide one may become before it is cut off. */
const ratio = 16 / 9;
const tallest = 4 / 3;

/** Pictures side by side may be so much smaller than below each other: less of each is cut off. */
const nearly = 0.95;

/** Between two pictures, in pixels. */
export const gap = 8;

/** A page shows no more: they would be stamps. */
const mostOnPage = 49;

export interface Size {
  width: number;
  height: number;
}

/**
 * How many columns make the pictures of a grid largest; of two that do nearly as well, the more.
 * @param place in pixels
 */
export function columnsFor(count: number, { width, height }: Size): number {
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

/** How large the pictures of a grid are, in whole pixels, so that all of them fit into the place. */
export function gridOf(count: number, place: Size): Size {
  const columns = columnsFor(count, place);
  const rows = Math.ceil(Math.max(count, 1) / columns);
  const width = (place.width - gap * (columns - 1)) / columns;
  const height = (place.height - gap * (rows - 1)) / rows;
  return {
    width: Math.max(0, Math.floor(Math.min(width, height * ratio))),
    height: Math.max(0, Math.floor(Math.min(height, width * tallest))),
  };
}

/** How many pictures a page has, so that faces can be told apart. */
export function capacityOf({ width, height }: Size): number {
  const smallest = width < 700 ? { width: 150, height: 110 } : { width: 190, height: 107 };
  const columns = Math.floor((width + gap) / (smallest.width + gap));
  const rows = Math.floor((height + gap) / (smallest.height + gap));
  return Math.min(mostOnPage, Math.max(1, columns * rows));
}

/** The small pictures beside a large one: a column where there is width, a row where there is height. */
export interface Strip {
  side: 'end' | 'bottom';
  tile: Size;
  capacity: number;
}

export function stripOf({ width, height }: Size): Strip {
  if (width > height * 1.1) {
    const tile = sized(Math.min(260, Math.max(130, width * 0.18)));
    return { side: 'end', tile, capacity: Math.max(1, Math.floor((height + gap) / (tile.height + gap))) };
  }
  const tile = sized(Math.min(220, Math.max(110, width * 0.3)));
  return { side: 'bottom', tile, capacity: Math.max(1, Math.floor((width + gap) / (tile.width + gap))) };
}

/**
 * The pages of a list. Who speaks is on the first page, in the last place there: nobody else moves.
 * @param speaks says of one that it must be seen
 */
export function pagesOf<T>(list: readonly T[], capacity: number, speaks: (each: T) => boolean): T[][] {
  const at = list.findIndex(speaks);
  const ordered =
    at < capacity ? [...list] : list.toSpliced(at, 1).toSpliced(capacity - 1, 0, ...list.slice(at, at + 1));
  const pages: T[][] = [];
  for (let start = 0; start < ordered.length; start += capacity)
    pages.push(ordered.slice(start, start + capacity));
  return pages.length === 0 ? [[]] : pages;
}

/**
 * The layer that a picture is wanted in: 0 for a quarter of its size, 1 for half, 2 for all of it.
 * @param height in pixels of the screen; a whole picture has 720
 */
export function layerFor(height: number): number {
  return height <= 200 ? 0 : height <= 420 ? 1 : 2;
}

function sized(width: number): Size {
  return { width: Math.floor(width), height: Math.floor(width / ratio) };
}
