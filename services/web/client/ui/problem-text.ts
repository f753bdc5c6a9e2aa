import { Problem } from '../api/problem.ts';
import type { Messages } from '../i18n/en.ts';

/**
 * What a person is told of a request that failed.
 * @param special texts for codes that mean something in that place
 */
export function problemText(
  error: unknown,
  { problems }: Messages,
  special: Readonly<Record<string, string>> = {},
): string {
  if (!(error instanceof Problem)) return problems.other;
  const own = special[error.code];
  if (own !== undefined) return own;
  if (error.code === 'session-ended') return problems.signInAgain;
  if (error.status === 0) return problems.offline;
  if (error.status === 429) return problems.busy;
  if ([502, 503, 504].includes(error.status)) return problems.away;
  return problems.other;
}
