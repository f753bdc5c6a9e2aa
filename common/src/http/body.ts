import { isUtf8 } from 'node:buffer';
import type { App } from './app.ts';
import { toProblem } from './errors.ts';
import { malformedJson } from './problems.ts';
import { parseStrictJson } from './strict-json.ts';

/** JSON is the only kind of body, and it is read strictly. An empty body is no body. */
export function acceptStrictJson(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, parseBody(body));
    } catch (error) {
      done(toProblem(error));
    }
  });
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformedJson('It is not UTF-8.');
  return parseStrictJson(body.toString('utf8'));
}
