import { createHash } from 'node:crypto';
import { imageTooLarge, notAnImage } from './problems.ts';

export interface Image {
  type: string;
  bytes: Buffer;
}

const LARGEST_IMAGE = 16 * 1024;

/** Dark enough for white letters (WCAG AA, 4.5 : 1). */
const COLORS = [
  '#b3261e',
  '#a03e00',
  '#7a5500',
  '#476800',
  '#1b6e2a',
  '#006a60',
  '#00658a',
  '#2a5bb5',
  '#5a4fbf',
  '#8a3fa8',
  '#a6336f',
  '#5d5f5f',
];

/** The colour of somebody who has chosen none: always the same one. */
export function colorOf(id: string): string {
  const [first = 0] = createHash('sha256').update(id).digest();
  return COLORS[first % COLORS.length] ?? '#5d5f5f';
}

/** First letter of the first and of the last word, as people write it: a letter with its accents is one letter. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s\p{P}\p{Z}]+/u).filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = chosen.map((word) => firstLetter(word ?? '')).join('');
  return letters === '' ? firstLetter(name.trim()) : letters;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function firstLetter(word: string): string {
  const [first] = segmenter.segment(word);
  return first?.segment.toUpperCase() ?? '';
}

/** The initials on the colour, as a picture. */
export function drawInitials(name: string, color: string): Image {
  const letters = initialsOf(name).replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const style = `fill="${inkOn(color)}" font-family="system-ui,sans-serif" font-size="26" text-anchor="middle"`;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">' +
    `<rect width="64" height="64" fill="${color}"/><text x="32" y="41" ${style}>${letters}</text></svg>`;
  return { type: 'image/svg+xml', bytes: Buffer.from(svg) };
}

/** Black or white, whichever is easier to read on the colour (WCAG's relative luminance). */
function inkOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

const SIGNATURES: [type: string, isOne: (bytes: Buffer) => boolean][] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  [
    'image/webp',
    (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  ],
];

/**
 * Reads a picture that somebody sent. Its first bytes say what it is, whatever the sender says; drawings (SVG) are not
 * taken, because they can hold programs.
 *
 * @throws Problem not-an-image or image-too-large
 */
export function readImage(base64: string): Image {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > LARGEST_IMAGE) throw imageTooLarge();
  const type = SIGNATURES.find(([, isOne]) => isOne(bytes))?.[0];
  if (type === undefined) throw notAnImage();
  return { type, bytes };
}
