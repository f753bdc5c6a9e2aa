import fc from 'fast-check';
import type { EventDraft, EventType } from '../queue/event.ts';
import { fitting } from './arbitrary.ts';

/** An event with data that fits its schema, whatever that is, and `known` in place of what was made up. */
export function exampleOf<Data>(type: EventType<string, Data>, known: Partial<Data> = {}): EventDraft {
  const [data] = fc.sample(fitting(type.schema), 1);
  return type(type.parse(Object.assign({}, data, known)));
}
