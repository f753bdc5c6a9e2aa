import { defineEvent, Type } from '@tandem/common';

export const userRenamed = defineEvent({
  name: 'user.renamed',
  version: 1,
  description: 'Somebody is shown under another name from now on.',
  schema: Type.Object({ id: Type.String(), name: Type.String() }),
  key: ({ id }) => id,
});
