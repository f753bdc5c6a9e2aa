import { stack } from './tandem.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects of it says what it is
  body: any;
}

/** What a client in a browser sends. */
export async function send(method: string, path: string, token?: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${stack().edge}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}
