import { type Static, Type } from '../schema.ts';

/** RFC 9457 problem details with a stable `code`: what every failed request is answered with. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:tandem:problem:<code>' }),
    title: Type.String({ description: 'What the code means, the same for every occurrence' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ description: 'Stable name of the problem' }),
    detail: Type.Optional(Type.String({ description: 'This occurrence, in words' })),
    requestId: Type.Optional(Type.String({ description: 'Find the log lines of this request by it' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.Enum(['body', 'query', 'path', 'header']),
          pointer: Type.String({ description: 'JSON Pointer (RFC 6901) to the value in that part' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { title: 'Problem' },
);

export type ProblemBody = Static<typeof ProblemSchema>;
export type ProblemError = NonNullable<ProblemBody['errors']>[number];

export interface ProblemOptions {
  errors?: ProblemError[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A kind of problem: call it to make one, `throw roomNotFound()`. */
export interface ProblemType {
  (detail?: string, options?: ProblemOptions): Problem;
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/** An error that the caller is told about as it is. */
export class Problem extends Error {
  readonly type: ProblemType;
  readonly detail: string | undefined;
  readonly errors: ProblemError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(type: ProblemType, detail: string | undefined, options: ProblemOptions) {
    super(detail ?? type.title, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Problem';
    this.type = type;
    this.detail = detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  /** As sent to the caller. */
  body(requestId?: string): ProblemBody {
    return {
      type: `urn:tandem:problem:${this.type.code}`,
      title: this.type.title,
      status: this.type.status,
      code: this.type.code,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }
}

/** Declares a kind of problem. `code` is kebab-case and never changes once it was released. */
export function problemType(code: string, status: number, title: string): ProblemType {
  const make = (detail?: string, options: ProblemOptions = {}): Problem => new Problem(type, detail, options);
  const type: ProblemType = Object.assign(make, { code, status, title });
  return type;
}
