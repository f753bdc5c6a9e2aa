/** Why a request did not do what it should; `code` is stable, `title` is English and for the log. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** 0 where no answer came. */
  readonly status: number;
  /** Code of the services' catalogue, or `offline`. */
  readonly code: string;
  /** Seconds after which another try makes sense; null where nobody said. */
  readonly retryAfter: number | null;

  constructor(status: number, code: string, title: string, retryAfter: number | null = null) {
    super(title);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Reads the problem of an answer that says no; also of one that is not problem+json. */
export async function problemOf(response: Response): Promise<Problem> {
  const after = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : null;
  const body: unknown = await response.json().catch(() => null);
  const { code, title } = fieldsOf(body);
  return new Problem(
    response.status,
    code ?? `http-${response.status}`,
    title ?? response.statusText,
    retryAfter,
  );
}

function fieldsOf(body: unknown): { code: string | null; title: string | null } {
  const field = (name: string) => {
    if (typeof body !== 'object' || body === null) return null;
    const value: unknown = Reflect.get(body, name);
    return typeof value === 'string' ? value : null;
  };
  return { code: field('code'), title: field('title') };
}
