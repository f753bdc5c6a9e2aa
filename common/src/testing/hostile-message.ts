import type { Options } from 'amqplib';
import fc, { type Arbitrary } from 'fast-check';
import type { EventHandler } from '../queue/handlers.ts';
import { LARGEST_MESSAGE } from '../queue/incoming.ts';
import { createMessageId } from '../queue/message-id.ts';
import { validatorOf } from '../validator.ts';
import { fitting, hostile, nastyText } from './arbitrary.ts';

/** A message to a consumer, and what may become of it. */
export interface HostileMessage {
  /** What is special about it. */
  kind: string;
  content: Buffer;
  properties: Options.Publish;
  /** Codes of the dead letters that it may become; null where it must not be refused for what it is. */
  refusedWith: readonly string[] | null;
}

/** Values that exist, by name of the property. */
export type KnownValues = Record<string, readonly string[]>;

/** Messages for one handler, `count` of each kind: fitting ones, nearly fitting ones, and such with headers of any kind. */
export function generatedMessages(
  handler: EventHandler,
  known: KnownValues,
  count: number,
): HostileMessage[] {
  const fits = validatorOf(handler.schema);
  const fitted = withKnown(fitting(handler.schema), known).map((data) => JSON.stringify(data));
  const properties = propertiesOf(handler);
  return [
    ...fc.sample(fitted, count).map((text) => messageOf(handler, 'fitting', text)),
    ...fc.sample(hostile(handler.schema), count).map((data) => {
      const text = JSON.stringify(data);
      // A key like __proto__ is refused before anybody looks at the schema.
      const refusedWith = fits(JSON.parse(text)) ? null : ['invalid-data', 'not-json'];
      return messageOf(handler, 'hostile', text, { refusedWith });
    }),
    ...fc.sample(fc.tuple(fitted, headers), count).map(([text, given]) =>
      messageOf(handler, 'hostile headers', text, {
        properties: { headers: { ...properties.headers, ...given } },
      }),
    ),
  ];
}

/** Messages that are no events, each broken in its own way. */
export function brokenMessages(handler: EventHandler): HostileMessage[] {
  const [some = 'null'] = fc.sample(fitting(handler.schema), 1).map((data) => JSON.stringify(data));
  const malformed = (kind: string, content: string | Buffer, code = 'not-json') =>
    messageOf(handler, kind, content, { refusedWith: [code] });
  const described = (kind: string, properties: Options.Publish, code: string | null = null) =>
    messageOf(handler, kind, some, { properties, refusedWith: code === null ? null : [code] });
  const without = (property: 'contentType' | 'messageId' | 'type', code: string | null = null) => {
    const { [property]: _, ...properties } = propertiesOf(handler);
    return { ...described(`no ${property}`, {}, code), properties };
  };
  return [
    malformed('empty', ''),
    malformed('cut off', some.slice(0, -1)),
    malformed('not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    malformed('compressed', Buffer.from([0x1f, 0x8b, 0x08, 0x00])),
    malformed('too deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    malformed('the same key twice', '{"id":"a","id":"b"}'),
    malformed('__proto__', '{"__proto__":{"admin":true}}'),
    malformed('constructor', '{"constructor":{"prototype":{"admin":true}}}'),
    malformed('huge', JSON.stringify('x'.repeat(LARGEST_MESSAGE)), 'too-large'),
    described('plain text', { contentType: 'text/plain' }),
    described('XML', { contentType: 'application/xml; charset=utf-16' }),
    without('contentType'),
    described('another version', { headers: { 'x-event-version': 987 } }, 'unknown-version'),
    described('a version that is text', { headers: { 'x-event-version': '1' } }, 'not-an-event'),
    described('no headers', { headers: {} }, 'not-an-event'),
    without('messageId', 'not-an-event'),
    described('an id of somebody else', { messageId: '../../x' }, 'not-an-event'),
    without('type', 'not-an-event'),
    described('a type that nobody handles', { type: 'constructor' }),
  ];
}

function messageOf(
  handler: EventHandler,
  kind: string,
  content: string | Buffer,
  {
    properties = {},
    refusedWith = null,
  }: { properties?: Options.Publish; refusedWith?: string[] | null } = {},
): HostileMessage {
  return {
    kind,
    content: Buffer.from(content),
    properties: { ...propertiesOf(handler), ...properties },
    refusedWith,
  };
}

/** As our services publish them. */
function propertiesOf({ eventName, version }: EventHandler): Options.Publish {
  return {
    messageId: createMessageId(),
    type: eventName,
    appId: 'fuzz',
    contentType: 'application/json',
    headers: { 'x-event-version': version, 'x-sequence': '1-0' },
  };
}

const headerNames = [
  'x-sequence',
  'x-occurred-at',
  'x-attempt',
  'x-first-failed-at',
  'x-request-id',
  'x-user-id',
  'traceparent',
  'tracestate',
];

/** Of those that say where a message comes from: they go into logs and handlers. */
const headers: Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.constantFrom(...headerNames),
  fc.oneof(nastyText, fc.integer(), fc.boolean(), fc.constant({ nested: true })),
);

function withKnown(values: Arbitrary<unknown>, known: KnownValues): Arbitrary<unknown> {
  const chosen = fc.record(
    Object.fromEntries(Object.entries(known).map(([name, given]) => [name, fc.constantFrom(...given)])),
    { requiredKeys: [] },
  );
  return fc
    .tuple(values, chosen)
    .map(([value, others]) =>
      typeof value === 'object' && value !== null ? { ...value, ...others } : value,
    );
}
