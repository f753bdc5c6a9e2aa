import { Problem, problemType } from '../http/problem.ts';
import { UnavailableError } from '../unavailable.ts';

/** Where an instance of a service listens. */
export interface Address {
  host: string;
  port: number;
}

export interface InstanceRequest {
  method: string;
  path: string;
  /** Sent as JSON. */
  body?: unknown;
}

const TIMEOUT_MS = 5_000;

/**
 * One request to one instance of a service, where no other one can answer it.
 *
 * @param token bearer token; null for none
 * @returns what the answer holds
 * @throws Problem with the code of the other service where it refuses; UnavailableError where it is not there
 */
export async function sendToInstance(
  service: string,
  { host, port }: Address,
  token: string | null,
  { method, path, body }: InstanceRequest,
): Promise<Record<string, unknown>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new UnavailableError(service, error instanceof Error ? error.message : 'no answer', error);
  }
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (response.ok) return isObject(answer) ? answer : {};
  throw refusalFrom(service, response.status, answer);
}

function refusalFrom(service: string, status: number, answer: unknown): Error {
  const field = (name: string) =>
    isObject(answer) && typeof answer[name] === 'string' ? answer[name] : undefined;
  const [code, title] = [field('code'), field('title')];
  if (status >= 500 || code === undefined || title === undefined)
    return new UnavailableError(service, `it answered ${status} ${code ?? 'without a code'}`);
  return new Problem(problemType(code, status, title), field('detail'), {});
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
