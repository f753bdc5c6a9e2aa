import type { IncomingMessage, RequestOptions } from 'node:http';

/**
 * Not imported: for an import Node makes everything that the module exports, WebSocket among it, and loads all of `fetch`
 * for that, which takes as long as the whole plan.
 */
const { Agent, request: plainRequest } = process.getBuiltinModule('node:http');

export interface Exchange {
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** Also ends an answer that is being read. */
  signal: AbortSignal;
}

/** Answers follow each other on a connection. Those that wait for the next request do not keep the process alive. */
const agent = new Agent({ keepAlive: true });

/**
 * Sends a request and gives back the head of the answer, whose body is to be read. Node's own client, because `fetch`
 * takes a tenth of a second longer for the thirty requests of a plan.
 */
export async function exchange(
  url: URL,
  { method, headers, body, signal }: Exchange,
): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = { method, headers: { ...headers, ...length }, signal };
  const request =
    url.protocol === 'https:'
      ? (await import('node:https')).request(url, options)
      : plainRequest(url, { ...options, agent });
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return text;
}
