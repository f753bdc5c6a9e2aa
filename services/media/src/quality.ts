import { type Static, Type } from '@tandem/common';
import type { ProducerScore } from 'mediasoup/types';

/** How what somebody sends arrives here. */
export const Quality = Type.Enum(['good', 'fair', 'poor'], { description: 'How it arrives at the server' });
export type Quality = Static<typeof Quality>;

/** mediasoup scores from 0, nothing arrives, to 10, nothing is lost that was not repaired. */
const FAIR_BELOW = 8;
const POOR_BELOW = 5;

/**
 * Of several layers the best one counts: a sender with little bandwidth leaves out the larger ones, and nothing is wrong with
 * that.
 */
export function qualityOf(scores: readonly Pick<ProducerScore, 'score'>[]): Quality {
  const best = Math.max(...scores.map(({ score }) => score));
  // Before the first packet there is nothing to say against it.
  if (scores.length === 0 || best >= FAIR_BELOW) return 'good';
  return best < POOR_BELOW ? 'poor' : 'fair';
}
