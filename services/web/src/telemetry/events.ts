import { type Static, Type } from 'typebox';

/**
 * What pages report, the same for the page that writes it and the service that reads it. Whose report it is nobody can prove:
 * pages report before anybody has signed in, and when they are closed. Ids are the only thing in it that leads to a person.
 */

/** So many go into one report; a page keeps no more while it cannot send. */
export const EVENTS_PER_REPORT = 30;

/** In bytes: a browser sends 64 KiB at most when a page is closed. */
export const REPORT_BYTES = 48 * 1024;

const strict = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const id = Type.String({ pattern: '^[\\w-]{1,64}$' });
const share = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]);
const measure = Type.Union([Type.Number({ minimum: 0, maximum: 1e12 }), Type.Null()]);
const oneOf = <Name extends string>(...names: Name[]) => Type.Enum(names);

const at = Type.Integer({
  minimum: 0,
  maximum: 8.64e15,
  description: 'Milliseconds since 1970, by the clock of the page',
});

/** Something that was not foreseen. */
export const ErrorEvent = strict({
  type: Type.Literal('error'),
  at,
  kind: oneOf('error', 'rejection', 'render'),
  name: Type.String({ maxLength: 64 }),
  message: Type.String({ maxLength: 500 }),
  stack: Type.String({ maxLength: 2_000 }),
  count: Type.Integer({ minimum: 1, maximum: 1e6, description: 'How often, since it was reported last' }),
});
export type ErrorEvent = Static<typeof ErrorEvent>;

/** How a call has been since the last of these. */
export const CallEvent = strict({
  type: Type.Literal('call'),
  at,
  room: id,
  participant: id,
  people: Type.Integer({ minimum: 0, maximum: 10_000 }),
  quality: Type.Union([oneOf('good', 'fair', 'poor'), Type.Null()]),
  /** Whose side it was, and why; without the names of those whose connection was bad. */
  findings: Type.Array(
    strict({
      side: oneOf('device', 'network', 'server', 'others'),
      cause: Type.String({ pattern: '^[a-z-]{1,32}$' }),
    }),
    { maxItems: 16 },
  ),
  way: Type.Union([oneOf('udp', 'tcp', 'relay'), Type.Null()]),
  roundTripMs: measure,
  jitterMs: measure,
  sendLoss: share,
  receiveLoss: share,
  sendLimitBps: measure,
  framesPerSecond: measure,
});
export type CallEvent = Static<typeof CallEvent>;

export const TelemetryEvent = Type.Union([ErrorEvent, CallEvent]);
export type TelemetryEvent = Static<typeof TelemetryEvent>;

export const Report = strict({
  /** Made anew for each load of a page. */
  page: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  browser: Type.String({ maxLength: 40 }),
  language: Type.String({ maxLength: 8 }),
  /** What was left out because there was too much. */
  dropped: Type.Integer({ minimum: 0, maximum: 1e9 }),
  events: Type.Array(TelemetryEvent, { minItems: 1, maxItems: EVENTS_PER_REPORT }),
});
export type Report = Static<typeof Report>;
