/**
 * What client and server say to each other in a call: one JSON object per WebSocket message, validated on both ends from
 * these schemas. Who somebody is and what they may do comes from the grant in the first message, and from nothing after it.
 */
export { ClientFrame, Hello, LARGEST_FRAME, PROTOCOL_VERSION, Request, Resume } from './client-frames.ts';
export { type MethodName, methods, type Params, type Result } from './methods.ts';
export { Participant, RoomEvent } from './room-events.ts';
export { Answer, type ByeReason, ServerFrame, Welcome } from './server-frames.ts';
