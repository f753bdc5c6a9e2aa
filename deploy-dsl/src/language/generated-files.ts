import { catalogue } from './errors/catalogue.ts';
import type { Schema } from './json-schema.ts';
import { errorsPage, referencePage } from './reference.ts';
import { jsonSchema } from './schema/json-schema.ts';

/** What `./tandem schema --write` writes: text by path, relative to the project. */
export function generatedFiles(): Map<string, string> {
  const text = jsonSchema();
  const schema: Schema = JSON.parse(text);
  return new Map([
    ['deploy-dsl/schema.json', text],
    ['docs/services-yml.md', referencePage(schema)],
    ['docs/errors.md', errorsPage(catalogue())],
  ]);
}
