export { isEventName } from '../queue/event.ts';
export { constantOf } from './copy.ts';
export { type EventContract, type EventsContract, parseEventsContract } from './event-contract.ts';
