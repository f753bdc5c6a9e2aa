import { Problem } from '@tandem/common';
import { lostMedia, mediaRefused } from './problems.ts';

/**
 * Asks mediasoup for something with the parameters of a client. What it refuses is the client's to know; what is closed
 * meanwhile was lost with its worker.
 *
 * @param isGone whether what was asked is closed
 * @throws Problem media-refused or media-lost
 */
export async function ask<Result>(isGone: () => boolean, question: () => Promise<Result>): Promise<Result> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (isGone()) throw lostMedia(undefined, { cause: error });
    throw mediaRefused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
