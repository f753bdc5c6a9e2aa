import { type Static, Type } from '@tandem/common';

/** What the service is told besides what every service is told; README.md explains each. */
export const settings = {
  resumeWithinMs: Type.Integer({
    default: 30_000,
    minimum: 1_000,
    description: 'Who is away for longer has left the call',
  }),
  peoplePerRoom: Type.Integer({ default: 1_000, minimum: 1 }),
};

export type Settings = Static<ReturnType<typeof Type.Object<typeof settings>>>;
