import { expect, test } from 'vitest';
import { byPlace } from '../call/chat.ts';
import { capacityOf, columnsFor, gap, gridOf, layerFor, pagesOf, stripOf } from '../screens/call/layout.ts';
import { partsOf } from '../screens/call/panels/text-with-links.tsx';

const desktop = { width: 1200, height: 700 };
const phone = { width: 390, height: 740 };

test('pictures of a call are as large as the place allows', () => {
  expect(columnsFor(1, desktop)).toBe(1);
  expect(columnsFor(2, desktop)).toBe(2);
  expect(columnsFor(2, phone)).toBe(1);
  expect(columnsFor(4, desktop)).toBe(2);
  expect(columnsFor(9, desktop)).toBe(3);
  expect(columnsFor(49, { width: 1600, height: 900 })).toBe(7);
  // Before the place was measured.
  expect(columnsFor(3, { width: 0, height: 0 })).toBe(1);
  expect(gridOf(3, { width: 0, height: 0 })).toEqual({ width: 0, height: 0 });
});

test('every number of people fits into the place, on a phone and on a large screen', () => {
  for (const place of [desktop, phone, { width: 844, height: 300 }, { width: 2560, height: 1300 }]) {
    for (let count = 1; count <= capacityOf(place); count++) {
      const { width, height } = gridOf(count, place);
      const columns = Math.floor((place.width + gap) / (width + gap));
      const rows = Math.ceil(count / columns);
      expect(rows * height + (rows - 1) * gap).toBeLessThanOrEqual(place.height);
      expect(width / height).toBeGreaterThan(0.74);
      expect(width / height).toBeLessThan(1.8);
    }
  }
  expect(capacityOf(desktop)).toBeGreaterThanOrEqual(25);
  expect(capacityOf({ width: 2560, height: 1300 })).toBe(49);
  expect(capacityOf(phone)).toBeGreaterThanOrEqual(8);
});

test('small pictures stand beside a large one where there is width, and below it where there is height', () => {
  expect(stripOf(desktop)).toMatchObject({ side: 'end' });
  expect(stripOf(phone)).toMatchObject({ side: 'bottom' });
  expect(stripOf({ width: 0, height: 0 }).capacity).toBe(1);
});

test('who speaks is on the first page, and nobody else of that page moves but the last', () => {
  const people = [1, 2, 3, 4, 5, 6, 7];
  expect(pagesOf(people, 3, () => false)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(pagesOf(people, 3, (each) => each === 2)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(pagesOf(people, 3, (each) => each === 6)).toEqual([[1, 2, 6], [3, 4, 5], [7]]);
  expect(pagesOf([], 3, () => true)).toEqual([[]]);
});

test('a small picture is wanted in a small layer', () => {
  expect([90, 200, 300, 700].map(layerFor)).toEqual([0, 0, 1, 2]);
});

test('messages stand in the order of their places, which are numbers', () => {
  const places = ['9-0', '10-10', '10-9', '100-0'].map((cursor) => ({ cursor }));
  expect(places.sort(byPlace).map(({ cursor }) => cursor)).toEqual(['9-0', '10-9', '10-10', '100-0']);
});

test('addresses in a text become links, and nothing else does', () => {
  const links = (text: string) =>
    partsOf(text)
      .filter(({ isLink }) => isLink)
      .map(({ part }) => part);
  expect(links('See https://a.example/x?y=1#z. Or (http://b.example/).')).toEqual([
    'https://a.example/x?y=1#z',
    'http://b.example/',
  ]);
  expect(links('javascript:alert(1) ftp://x data:text/html,x https:// http')).toEqual([]);
  const text = 'a https://a.example b\nhttps://b.example';
  expect(
    partsOf(text)
      .map(({ part }) => part)
      .join(''),
  ).toBe(text);
});
