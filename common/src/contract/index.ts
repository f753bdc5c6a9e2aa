export { isEventName } from '../queue/event.ts';
export { constantOf, renderCopy } from './copy.ts';
export {
  type EventContract,
  type EventsContract,
  eventsContractOf,
  formatContract,
  parseEventsContract,
} from './event-contract.ts';
