import type { BuiltService } from '../service.ts';
import { waitFor } from './wait-for.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What comes along with a request of a test. */
export interface Sent {
  /** Of the header; nobody's when not given. */
  authorization?: string | undefined;
  /** Sent as JSON, or as it is if it is text. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** What a service answered to a test. */
export interface Answer {
  status: number;
  /** `code` of a problem; undefined for a success. */
  code: string | undefined;
  /** Parsed where it is JSON, else undefined. */
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  body: any;
  headers: Record<string, unknown>;
  bytes: Buffer;
}

/** Sends a request to a service of this process, past the network. */
export async function send(
  { app }: BuiltService,
  method: Method,
  url: string,
  { authorization, body, headers = {} }: Sent = {},
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    headers: {
      ...headers,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = answer.body !== '' && String(answer.headers['content-type']).includes('json');
  const json = isJson ? answer.json() : undefined;
  return {
    status: answer.statusCode,
    code: answer.statusCode >= 400 ? json?.code : undefined,
    body: json,
    headers: answer.headers,
    bytes: answer.rawPayload,
  };
}

/** Waits until a service of this process is ready for requests. */
export async function untilReady({ app }: BuiltService): Promise<void> {
  await waitFor('it is ready', async () => (await app.inject('/healthz/ready')).statusCode === 200);
}
