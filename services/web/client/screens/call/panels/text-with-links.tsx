/** An address up to the next blank; a full stop or bracket behind it belongs to the sentence. */
const address = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}']/g;

/** A text in which addresses of the web can be followed. */
export function TextWithLinks({ text }: { text: string }) {
  return partsOf(text).map(({ at, part, isLink }) =>
    isLink ? (
      <a key={at} href={part} target="_blank" rel="noopener noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

/** The pieces of a text, each with its place. */
export function partsOf(text: string): { at: number; part: string; isLink: boolean }[] {
  const parts: { at: number; part: string; isLink: boolean }[] = [];
  let end = 0;
  for (const { 0: link, index } of text.matchAll(address)) {
    if (index > end) parts.push({ at: end, part: text.slice(end, index), isLink: false });
    parts.push({ at: index, part: link, isLink: true });
    end = index + link.length;
  }
  if (end < text.length) parts.push({ at: end, part: text.slice(end), isLink: false });
  return parts;
}
