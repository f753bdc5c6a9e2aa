import type { App } from '../http/app.ts';
import { JSON_TYPE, type OpenapiDocument, type Operation, operationsOf } from '../http/openapi-document.ts';
import { ProblemSchema } from '../http/problem.ts';
import { validatorOf } from '../validator.ts';
import { hostileTokens } from './hostile-tokens.ts';

export interface RefusalOptions {
  /** Of a user whom every route lets in. */
  authorization: string;
  /** Of the issuer that the service believes, to make tokens with one thing wrong. */
  privateKeyPem: string;
  /** Larger than the largest body that a route takes; 1 MiB when not given. */
  tooLarge?: number;
}

/** One request that must be refused. */
interface Refusal {
  what: string;
  code: string;
  headers: Record<string, string>;
  body?: string | Buffer;
}

/**
 * Sends every route of a service's OpenAPI what no route may take, each time with nothing else wrong: tokens that are
 * expired, forged or somebody else's, and bodies that are malformed, ambiguous, poisoned, too large or of another type.
 *
 * @returns in words what was not answered with the problem that says so; empty when all was. A test expects that.
 */
export async function findUnrefused(app: App, options: RefusalOptions): Promise<string[]> {
  const document: OpenapiDocument = JSON.parse(JSON.stringify(app.swagger()));
  const found: string[] = [];
  for (const [name, operation] of operationsOf(document)) {
    const [method = '', path = ''] = name.split(' ');
    for (const { what, code, headers, body } of refusalsFor(operation, options)) {
      const answer = await app.inject({
        method: method as 'GET',
        url: path.replaceAll(/\{\w+\}/g, 'x'),
        headers,
        ...(body === undefined ? {} : { payload: body }),
      });
      const problem: unknown = answer.statusCode >= 400 ? answer.json() : null;
      if (!isProblem(problem) || problem.code !== code || problem.status !== answer.statusCode) {
        found.push(`${name}, ${what}: ${answer.statusCode} ${answer.body.slice(0, 200)}, not ${code}`);
      }
    }
  }
  return found;
}

const isProblem = validatorOf(ProblemSchema);

function refusalsFor(operation: Operation, options: RefusalOptions): Refusal[] {
  const secured = operation.security !== undefined;
  return [
    ...(secured ? tokenRefusals(options) : []),
    ...(operation.requestBody === undefined ? [] : bodyRefusals(operation, options)),
  ];
}

function tokenRefusals({ privateKeyPem }: RefusalOptions): Refusal[] {
  const without = ['', 'Bearer', 'Bearer ', 'Basic YTpi'].map((authorization) => ({
    what: `Authorization "${authorization}"`,
    code: 'unauthenticated',
    headers: { authorization },
  }));
  const hostile = hostileTokens(privateKeyPem).map(([what, token, code]) => ({
    what: `a token: ${what}`,
    code,
    headers: { authorization: `Bearer ${token}` },
  }));
  return [...without, ...hostile];
}

function bodyRefusals(
  { requestBody, security }: Operation,
  { authorization, tooLarge = 1024 * 1024 }: RefusalOptions,
): Refusal[] {
  const allowed = security === undefined ? {} : { authorization };
  const json = { ...allowed, 'content-type': JSON_TYPE };
  const malformed: [string, string | Buffer][] = [
    ['cut off', '{"a":'],
    ['not JSON', '<a/>'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['too deep', `${'['.repeat(200)}${']'.repeat(200)}`],
  ];
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/xml',
  ];
  return [
    ...malformed.map(([what, body]) => ({ what, code: 'malformed-json', headers: json, body })),
    { what: 'a key twice', code: 'duplicate-key', headers: json, body: '{"a":1,"a":2}' },
    { what: '__proto__', code: 'forbidden-key', headers: json, body: '{"__proto__":{"admin":true}}' },
    {
      what: 'constructor.prototype',
      code: 'forbidden-key',
      headers: json,
      body: '{"constructor":{"prototype":{"admin":true}}}',
    },
    { what: 'too large', code: 'body-too-large', headers: json, body: JSON.stringify('x'.repeat(tooLarge)) },
    { what: 'an unknown key', code: 'invalid-request', headers: json, body: '{"admin":true}' },
    { what: 'a list', code: 'invalid-request', headers: json, body: '[]' },
    ...types.map((type) => ({
      what: type,
      code: 'unsupported-media-type',
      headers: { ...allowed, 'content-type': type },
      body: '{}',
    })),
    ...(requestBody?.required === true
      ? [{ what: 'no body', code: 'invalid-request', headers: json, body: '' }]
      : []),
  ];
}
