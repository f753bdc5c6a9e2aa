import { request as httpRequest } from 'node:http';
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { type EdgeStack, startEdgeStack } from './edge-stack.ts';

/** What the service `echo/` says reached it. */
export interface Echo {
  instance: string;
  url: string;
  method: string;
  headers: Record<string, string>;
  body: number;
}

/** An answer read below the level of fetch. */
export interface RawAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A real nginx, configured by what services.yml compiles to, before services that say what reaches them. */
export interface EchoEdge {
  stack: EdgeStack;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** A request that is answered with 200. */
  echo(path: string, init?: RequestInit): Promise<Echo>;
  raw(
    path: string,
    init: { method?: string; headers: Record<string, string> },
    body: string[],
  ): Promise<RawAnswer>;
  /** The line that the edge logs for a request. */
  lineOf(requestId: string): Promise<string>;
}

/**
 * @param services entries of services.yml that run `echo`, with two instances unless they say otherwise
 * @param routed a path of each that has instances: waited for, until all of them are asked
 */
export async function startEchoEdge(services: string, routed: Record<string, string>): Promise<EchoEdge> {
  const stack = await startEdgeStack(import.meta.dirname);
  const get = (path: string, init: RequestInit = {}) => fetch(`${stack.edge}${path}`, init);
  const yaml = `
tandem: 1
edge: { limit: 100000/s per address }
defaults: { instances: 2, health: { interval: 1s }, update: { healthy: 1s, drain: 1s } }
services:
${services}`;
  await stack.deploy(yaml, ['edge', ...Object.keys(routed)]);
  for (const [service, path] of Object.entries(routed)) {
    await until(`${service} has two instances`, async () => (await stack.passing(service)) === 2);
    // Until then the configuration changes once more, which ends connections that a test would use.
    const asked = new Set<unknown>();
    await until(`both instances of ${service} are asked`, async () => {
      const answer = await get(path);
      const text = await answer.text();
      if (answer.status === 200) asked.add(JSON.parse(text).instance);
      return asked.size === 2;
    });
  }
  return {
    stack,
    get,
    async echo(path, init) {
      const answer = await get(path, init);
      expect(answer.status).toBe(200);
      return JSON.parse(await answer.text());
    },
    raw: (path, init, body) => raw(`${stack.edge}${path}`, init, body),
    async lineOf(requestId) {
      const [edge = ''] = await stack.instances('edge');
      return until('the line is written', async () => {
        const log = (await stack.nomad.allocations.cat(edge, 'alloc/logs/nginx.stdout.0')) ?? '';
        return log.split('\n').find((each) => each.includes(requestId));
      });
    },
  };
}

/** The body of an error of the edge's own, which says the same as its status and its headers. */
export async function problemOf(answer: Response): Promise<Record<string, unknown>> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const body: Record<string, unknown> = JSON.parse(await answer.text());
  expect(body).toMatchObject({
    type: `urn:tandem:problem:${body.code}`,
    status: answer.status,
    requestId: answer.headers.get('x-request-id'),
  });
  return body;
}

function raw(
  url: string,
  init: { method?: string; headers: Record<string, string> },
  body: string[],
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { ...init, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: Buffer.concat(chunks).toString(),
      });
    });
    request.on('error', reject);
    for (const chunk of body) request.write(chunk);
    request.end();
  });
}
