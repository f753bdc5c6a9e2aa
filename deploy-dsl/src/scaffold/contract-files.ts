import { eventsContractOf, formatContract, renderCopy } from '@tandem/common/contract';
import Type from 'typebox';
import type { NewService, ServiceFiles } from './new-service.ts';
import { publishedDescription, publishedSchema } from './source-files.ts';

/** What `npm run contract` would write for a new service: these files are generated, and no formatter touches them. */
export function contractFiles({ name, publishes, consumes }: NewService): ServiceFiles {
  const files: ServiceFiles = new Map();
  if (publishes !== null) {
    const kind = {
      eventName: publishes,
      version: 1,
      description: publishedDescription,
      schema: Type.Object(Object.fromEntries(publishedSchema.map((key) => [key, Type.String()]))),
    };
    files.set('contract/events.json', formatContract(eventsContractOf(name, [kind])));
  }
  if (consumes !== null) {
    files.set(`src/contracts/${consumes.contract.service}.ts`, renderCopy(consumes.contract));
  }
  return files;
}
