import type { ErrorObject } from 'ajv';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { UpstreamError } from '../client/upstream-error.ts';
import { UnavailableError } from '../unavailable.ts';
import { violationsOf } from '../validator.ts';
import { Problem, type ProblemError } from './problem.ts';
import * as problems from './problems.ts';

export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

const parts: Record<string, ProblemError['in']> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** What Fastify itself refuses, by its error codes. */
const ofFastify: Record<string, () => Problem> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => problems.bodyTooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => problems.unsupportedMediaType(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    problems.malformedRequest('The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () => problems.malformedRequest('The path is not valid percent-encoding.'),
  FST_ERR_MAX_PARAM_LENGTH: () => problems.notFound(),
};

/** Says in the words of the catalogue what an error means to the caller. What is unknown is `internal-error`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof UnavailableError) {
    return problems.dependencyUnavailable(undefined, { cause: error, headers: { 'retry-after': '1' } });
  }
  if (error instanceof UpstreamError) return problems.upstreamFailed(undefined, { cause: error });
  if (isFastifyError(error)) {
    if (error.validation !== undefined) return invalidRequest(error);
    const known = ofFastify[error.code];
    if (known !== undefined) return known();
  }
  return problems.internalError(undefined, { cause: error });
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error;
}

function invalidRequest(error: FastifyError): Problem {
  const part = parts[error.validationContext ?? 'body'] ?? 'body';
  const findings = (error.validation ?? []) as ErrorObject[];
  return problems.invalidRequest(undefined, {
    errors: violationsOf(findings).map((violation) => ({ in: part, ...violation })),
  });
}

/** Answers a request with the problem that an error means, and logs what the caller is not told. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  const { status, code } = problem.type;
  if (status === 500) request.log.error({ err: problem.cause, code }, 'a request failed unexpectedly');
  else if (status > 500) request.log.warn({ err: problem.cause, code }, problem.message);
  return reply
    .code(status)
    .headers({ 'x-request-id': request.id, 'cache-control': 'no-store', ...problem.headers })
    .type(PROBLEM_JSON)
    .serializer(JSON.stringify)
    .send(problem.body(request.id));
}

/** Which problem a connection that does not speak valid HTTP gets, by the code of Node's parser. */
export function connectionProblem(code: string): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problems.requestTimeout();
  if (code === 'HPE_HEADER_OVERFLOW') return problems.headersTooLarge();
  return problems.malformedRequest();
}
