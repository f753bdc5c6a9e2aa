/** A media server as far as the choice is concerned. */
export interface Candidate {
  id: string;
  cloud: string;
  /** Native workers that run. */
  workers: number;
  /** What is sent and received there, over all people. */
  streams: number;
  draining: boolean;
  /** People who were sent there so lately that what they will send and receive does not count in `streams` yet. */
  recentJoins: number;
  /** It was lost a moment ago. */
  wasLost: boolean;
}

/** What somebody who has just come is taken to send and receive soon. */
const STREAMS_PER_JOIN = 6;

/** So many streams are about a core: beyond that a server in another cloud is nearer than a full one here. */
export const FULL = 400;

/**
 * The media server for a room. Never one that drains or has no worker; one that was lost lately, or is in another cloud than
 * the people, only where there is no better one; of the rest the one with the least to do per worker.
 *
 * @param cloud where the people are
 * @returns null where there is none
 */
export function chooseServer(candidates: readonly Candidate[], cloud: string): Candidate | null {
  const usable = candidates.filter(({ draining, workers }) => !draining && workers > 0);
  const steady = preferred(usable, ({ wasLost }) => !wasLost);
  const near = preferred(steady, (each) => each.cloud === cloud && loadOf(each) < FULL);
  const [first = null] = near.toSorted((a, b) => loadOf(a) - loadOf(b));
  return first;
}

/** In streams per worker. */
function loadOf({ streams, recentJoins, workers }: Candidate): number {
  return (streams + STREAMS_PER_JOIN * recentJoins) / workers;
}

/** Those that fit; all where none does. */
function preferred(candidates: Candidate[], fits: (candidate: Candidate) => boolean): Candidate[] {
  const fitting = candidates.filter(fits);
  return fitting.length > 0 ? fitting : candidates;
}
