import type { XStatic } from 'typebox/schema';
import { defineEvent, type EventType } from '../queue/event.ts';
import { Type } from '../schema.ts';

/** An event of another service, from its contract. */
export interface ImportedContract {
  name: string;
  version: number;
  schema: object;
}

/** The event of another service: the generated files in `src/contracts` call this. Its data has the type of its schema. */
export function importEvent<const Contract extends ImportedContract>({
  name,
  version,
  schema,
}: Contract): EventType<Contract['name'], XStatic<Contract['schema']>> {
  return defineEvent({ name, version, schema: Type.Unsafe<XStatic<Contract['schema']>>(schema) });
}
