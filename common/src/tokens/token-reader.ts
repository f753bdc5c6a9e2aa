import { Problem } from '../http/problem.ts';
import { createVerifier, type VerifiedToken, type VerifierOptions } from './verifier.ts';

/** Reads tokens that are not access tokens, such as the grants of a room. */
export type TokenReader = (token: string) => Promise<VerifiedToken>;

/**
 * Verifies tokens of another kind than access tokens, and says in the service's own words why one does not hold.
 * @param refused the Problem of the service for a token that does not hold, given the reason
 * @returns a function that throws this Problem, or UnavailableError while no key of the issuer is known
 */
export function createTokenReader(
  options: VerifierOptions,
  refused: (reason: string) => Problem,
): TokenReader {
  const verifier = createVerifier(options);
  return async (token) => {
    try {
      return await verifier.verify(token);
    } catch (error) {
      throw error instanceof Problem ? refused(error.detail ?? error.type.title) : error;
    }
  };
}
