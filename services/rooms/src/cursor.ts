import { invalidCursor } from './problems.ts';

/** The place in a list after which the next page begins. Callers pass it back as it is. */
export function writeCursor(score: string, id: string): string {
  return Buffer.from(`${score} ${id}`).toString('base64url');
}

/** @throws Problem invalid-cursor */
export function readCursor(cursor: string): { score: number; id: string } {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, score, id] = /^(\d{1,15}) ([\w-]{22})$/.exec(text) ?? [];
  if (score === undefined || id === undefined) throw invalidCursor();
  return { score: Number(score), id };
}
