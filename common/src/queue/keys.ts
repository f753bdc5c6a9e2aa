import { timeOfMessageId } from './message-id.ts';

/** What `common` keeps in a service's Redis for events. */
export const OUTBOX = 'events:outbox';
/** Events that nobody consumed when they were published. */
export const ASIDE = 'events:aside';
/** Who publishes the outbox at the moment. */
export const RELAY_LEASE = 'events:relay';

const HOUR_MS = 60 * 60 * 1000;

/** Messages that were handled, one set per hour of their creation: a third of the memory of one key each. */
export const doneKey = (messageId: string) =>
  `events:done:${Math.floor(timeOfMessageId(messageId) / HOUR_MS)}`;
/** Who handles a message at the moment. */
export const claimKey = (messageId: string) => `events:claim:${messageId}`;
/** There as long as that instance lives. */
export const aliveKey = (instance: string) => `events:alive:${instance}`;
