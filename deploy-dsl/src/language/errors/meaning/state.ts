import type { Label } from '../../diagnostic.ts';
import { defineWarning, type Place } from '../define.ts';

/** Data that belongs to a service. */

export const dataPerCloud = defineWarning(
  'TDM-228',
  'A service with a persistent Redis runs in several clouds and does not hear its own events.',
  (at: Place, service: string, clouds: string[]) => ({
    title: `"${service}" keeps separate data in ${clouds.join(' and ')}`,
    at,
    caption: 'one Redis per cloud, and neither learns from the other',
    help: [
      'let it consume the events it publishes, so that each cloud hears what the other did',
      `or run it in one cloud: "instances: { ${clouds[0]}: 2 }"`,
    ],
  }),
);

export const cacheMissesEvents = defineWarning(
  'TDM-229',
  'A service with a cache beside each instance consumes events with several instances.',
  (at: Place, service: string, labels: Label[]) => ({
    title: `only one instance of "${service}" learns of each event`,
    at,
    caption: 'each instance has a cache of its own',
    labels,
    help: [
      'instances share a queue: each message reaches one of them, and the caches of the others stay as they were',
      'share the data with "redis: { persistent: true }", or run one instance',
    ],
  }),
);
