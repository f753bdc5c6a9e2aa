import { defineEvent, Type } from '@tandem/common';

/** About as much as an event of ours says. */
export const benchEvent = defineEvent({
  name: 'bench.done',
  version: 1,
  schema: Type.Object({ number: Type.Integer(), text: Type.String() }),
});

export const benchText = 'x'.repeat(200);
