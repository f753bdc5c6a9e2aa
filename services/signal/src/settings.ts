import { type Static, Type } from '@tandem/common';

/** What the service is told besides what every service is told; README.md explains each. */
export const settings = {
  resumeWithinMs: Type.Integer({
    default: 30_000,
    minimum: 1_000,
    description: 'Who is away for longer has left the call',
  }),
  peoplePerServer: Type.Integer({
    default: 100,
    minimum: 1,
    description: 'A room with more people is on another media server, too, where there is one',
  }),
  peoplePerRoom: Type.Integer({ default: 1_000, minimum: 1 }),
};

export type Settings = Static<ReturnType<typeof Type.Object<typeof settings>>>;
