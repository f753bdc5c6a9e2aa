import { countOf, type StringTable, sharedUint16, sharedUint32 } from './string-table.ts';

/**
 * The trie of sorted words. A node stands for the words with a common beginning, and the words of a node are a range of
 * numbers. Nodes are numbered level by level, so that the letters which may follow stand side by side in memory.
 */
export interface Trie {
  /** The last letter of a node's beginning, a UTF-16 code unit; ascending among siblings. */
  letters: Uint16Array;
  /** The children of `node` are from `children[node]` up to `children[node + 1]`. */
  children: Uint32Array;
  /** Words from `from[node]` up to `to[node]` begin like this; if the beginning is a word itself, it is the first. */
  from: Uint32Array;
  to: Uint32Array;
}

/** The node above all words. */
export const ROOT = 0;

/** @param first words from this one on are in the trie */
export function buildTrie(words: StringTable, first: number): Trie {
  const { units, starts } = words;
  const letters = [0];
  const children: number[] = [];
  const from = [first];
  const to = [countOf(words)];
  let depth = 0;
  for (let node = 0, nextLevel = 1; node < letters.length; node++) {
    if (node === nextLevel) {
      depth++;
      nextLevel = letters.length;
    }
    children.push(letters.length);
    const end = to[node] ?? 0;
    let previous = -1;
    for (let word = from[node] ?? 0; word < end; word++) {
      const place = (starts[word] ?? 0) + depth;
      // It ends here.
      if (place === starts[word + 1]) continue;
      const letter = units[place] ?? 0;
      if (letter === previous) {
        to[to.length - 1] = word + 1;
      } else {
        letters.push(letter);
        from.push(word);
        to.push(word + 1);
        previous = letter;
      }
    }
  }
  children.push(letters.length);
  return {
    letters: filled(sharedUint16(letters.length), letters),
    children: filled(sharedUint32(children.length), children),
    from: filled(sharedUint32(from.length), from),
    to: filled(sharedUint32(to.length), to),
  };
}

/** @returns the child with this letter, or `ROOT` when there is none */
export function childOf({ letters, children }: Trie, node: number, letter: number): number {
  const end = children[node + 1] ?? 0;
  for (let child = children[node] ?? 0; child < end; child++) {
    const found = letters[child] ?? 0;
    if (found >= letter) return found === letter ? child : ROOT;
  }
  return ROOT;
}

function filled<Numbers extends Uint16Array | Uint32Array>(
  array: Numbers,
  numbers: readonly number[],
): Numbers {
  array.set(numbers);
  return array;
}
