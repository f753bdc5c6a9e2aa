import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** A piece of a file as it grew. */
export interface LogFrame {
  /** File it comes from, for instance `web.stdout.0`; empty when it is the one of the frame before. */
  file: string;
  data: Uint8Array;
}

const Frame = Type.Object({
  File: Type.Optional(Type.String()),
  Data: Type.Optional(Type.String()),
});

/**
 * Splits Nomad's stream of JSON frames, which have nothing between them. A frame is a flat object whose data is base64, so
 * that it ends at the first closing brace. Heartbeats have no data and are left out.
 */
export async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogFrame> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('}'); end !== -1; end = rest.indexOf('}', start)) {
      const frame = parse(rest.slice(start, end + 1));
      start = end + 1;
      if (frame !== null) yield frame;
    }
    rest = rest.slice(start);
  }
}

function parse(text: string): LogFrame | null {
  const frame: unknown = JSON.parse(text);
  if (!Value.Check(Frame, frame) || frame.Data === undefined) return null;
  return { file: frame.File ?? '', data: Buffer.from(frame.Data, 'base64') };
}
