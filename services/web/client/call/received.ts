import type { Level } from '../quality/levels.ts';
import type { Source } from './outgoing.ts';

/** Something that another person sends. */
export interface RemoteProducer {
  id: string;
  /** Who sends it, as among the participants. */
  participant: string;
  source: Source;
  paused: boolean;
  /** How it arrives at the media server. */
  quality: Level;
}

/** Something that is received. */
export interface Received extends RemoteProducer {
  track: MediaStreamTrack;
  /** It is off the screen, and not sent for that. */
  hidden: boolean;
  /** Its first picture or sound is there. */
  hasBegun: boolean;
}

/**
 * What is shown while a call moves from one media server to another: of everything the new one as soon as something comes of
 * it, until then the former one.
 *
 * @param former what the server before sends; whoever has not moved yet sends there only
 */
export function duringMove(former: readonly Received[], latest: readonly Received[]): Received[] {
  const arrived = latest.filter((each) => hasArrived(each) || counterpart(former, each) === undefined);
  return [...arrived, ...former.filter((each) => counterpart(arrived, each) === undefined)];
}

/** A track is muted until its first packet. Of what is paused or hidden none will come. */
const hasArrived = ({ track, paused, hidden }: Received): boolean => paused || hidden || !track.muted;

/** The latest media server shows all that the former one did, so that nothing is missed there. */
export function isAllThere(former: readonly Received[], latest: readonly Received[]): boolean {
  const there = latest.filter(({ paused, hidden, hasBegun }) => paused || hidden || hasBegun);
  return former.every((each) => counterpart(there, each) !== undefined);
}

/**
 * Whoever moves from one media server to another sends from both for a moment, and a room may be on both: the later one counts
 * as soon as something comes of it.
 */
export function withoutDoubles(list: readonly Received[]): Received[] {
  return list.filter((each) => {
    const doubles = list.filter((other) => isSame(other, each));
    return each === (doubles.findLast(hasArrived) ?? doubles[0]);
  });
}

function counterpart(list: readonly Received[], wanted: Received): Received | undefined {
  return list.find((each) => isSame(each, wanted));
}

const isSame = (one: Received, other: Received): boolean =>
  one.participant === other.participant && one.source === other.source;
