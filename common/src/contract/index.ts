export { isEventName } from '../queue/event.ts';
export { constantOf } from './copy.ts';
export { type EventsContract, parseEventsContract } from './event-contract.ts';
