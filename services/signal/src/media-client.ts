import { Problem, problemType, UnavailableError } from '@tandem/common';
import type { Call } from './frames.ts';
import { away } from './refusals.ts';

/** Of one peer of a media server. */
export type MediaCall = Exclude<
  Extract<Call, { method: `media.${string}` }>,
  { method: 'media.join' | 'media.leave' }
>;

export interface MediaRequest {
  method: string;
  path: string;
  body?: unknown;
}

const TIMEOUT_MS = 5_000;

/** Each method in the terms of the media server's OpenAPI. */
export function requestOf(call: MediaCall): MediaRequest {
  const { peer, ...body } = call.params;
  const at = (path: string) => `${peerPath(peer)}${path}`;
  const name = encodeURIComponent;
  switch (call.method) {
    case 'media.transport':
      return { method: 'POST', path: at('/transports'), body };
    case 'media.connect': {
      const { transport, dtlsParameters } = call.params;
      return { method: 'POST', path: at(`/transports/${name(transport)}/connect`), body: { dtlsParameters } };
    }
    case 'media.restart-ice':
      return { method: 'POST', path: at(`/transports/${name(call.params.transport)}/restart-ice`) };
    case 'media.close-transport':
      return { method: 'DELETE', path: at(`/transports/${name(call.params.transport)}`) };
    case 'media.produce':
      return { method: 'POST', path: at('/producers'), body };
    case 'media.pause': {
      const { producer, paused } = call.params;
      return { method: 'PATCH', path: at(`/producers/${name(producer)}`), body: { paused } };
    }
    case 'media.stop':
      return { method: 'DELETE', path: at(`/producers/${name(call.params.producer)}`) };
    case 'media.consume':
      return { method: 'POST', path: at('/consumers'), body };
    case 'media.show': {
      const { peer: _, consumer, ...changes } = call.params;
      return { method: 'PATCH', path: at(`/consumers/${name(consumer)}`), body: changes };
    }
    case 'media.hide':
      return { method: 'DELETE', path: at(`/consumers/${name(call.params.consumer)}`) };
  }
}

export const peerPath = (peer: string) => `/api/media/peers/${encodeURIComponent(peer)}`;

/**
 * One request to one instance: no other one knows the peer.
 * @throws Problem with the media server's code where it refuses; UnavailableError where it is not there
 */
export async function sendTo(
  { host, port }: { host: string; port: number },
  token: string,
  { method, path, body }: MediaRequest,
): Promise<Record<string, unknown>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new UnavailableError('media', error instanceof Error ? error.message : 'no answer', error);
  }
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (response.ok) return isObject(answer) ? answer : {};
  throw refusalFrom(response.status, answer);
}

function refusalFrom(status: number, answer: unknown): Error {
  const field = (name: string) =>
    isObject(answer) && typeof answer[name] === 'string' ? answer[name] : undefined;
  const [code, title] = [field('code'), field('title')];
  if (status >= 500 || code === undefined || title === undefined)
    return new UnavailableError('media', `it answered ${status} ${code ?? away.code}`);
  return new Problem(problemType(code, status, title), field('detail'), {});
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
