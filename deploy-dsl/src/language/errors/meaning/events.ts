import type { Label } from '../../diagnostic.ts';
import { defineError, defineWarning, type Place } from '../define.ts';

/** Events and their queues. */

export const queueTwice = defineError(
  'TDM-217',
  'A service has two queues of the same name.',
  (at: Place, queue: string, labels: Label[]) => ({
    title: `the queue "${queue}" is there twice`,
    at,
    caption: 'the second one',
    labels,
    help: ['give one of them a name of its own with "queue:"'],
  }),
);

export const neverPublished = defineWarning(
  'TDM-218',
  'A service consumes an event that no service of the environment publishes.',
  (at: Place, pattern: string, near: string) => ({
    title: `no service publishes "${pattern}"`,
    at,
    caption: `nothing will arrive${near}`,
    help: ['add it to "publishes:" of the service that sends it'],
  }),
);

export const neverConsumed = defineWarning(
  'TDM-219',
  'A service publishes an event that no service of the environment consumes.',
  (at: Place, event: string) => ({
    title: `no service consumes "${event}"`,
    at,
    caption: 'published, then dropped',
    help: ['add it to "consumes:" of a service, or leave it out here until one needs it'],
  }),
);
