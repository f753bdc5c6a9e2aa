import type { DeviceFault } from '../devices/devices.ts';
import type { Figures } from './figures.ts';
import { type Level, levelOf, levelOfArrival, levelOfWay, worst } from './levels.ts';

/** Whose side it is. */
export type Side = 'device' | 'network' | 'server' | 'others';
export const sides: readonly Side[] = ['device', 'network', 'server', 'others'];

export type Cause =
  | 'camera-fault'
  | 'microphone-fault'
  | 'microphone-silenced'
  | 'camera-silenced'
  | 'encoding-slow'
  | 'decoding-slow'
  | 'no-line'
  | 'no-media'
  | 'loss'
  | 'delay'
  | 'jitter'
  | 'little-bandwidth'
  | 'detour'
  | 'all-bad'
  | 'one-bad';

export interface Finding {
  side: Side;
  cause: Cause;
  /** `fair`: may be noticed; `poor`: disturbs. */
  level: 'fair' | 'poor';
  /** Whose connection is meant, by name; empty elsewhere. */
  names: readonly string[];
}

/** A camera or a microphone of this machine. */
export interface DeviceSituation {
  wanted: boolean;
  fault: DeviceFault | null;
  /** The system, a switch on the machine or a headset keeps it silent although it is on. */
  silenced: boolean;
}

/** Somebody else in the call. */
export interface SenderSituation {
  id: string;
  name: string;
  /** Of what arrives here from them, by id; what they have turned off is left out. */
  tracks: readonly string[];
  /** How it arrives at the media server, as that says; null where it says nothing. */
  atServer: Level | null;
}

export interface Situation {
  /** The signalling is connected. */
  line: boolean;
  /** The media are; null where there are none yet. */
  media: boolean | null;
  camera: DeviceSituation;
  microphone: DeviceSituation;
  senders: readonly SenderSituation[];
  /** Null until there were two readings. */
  figures: Figures | null;
}

/** What is known of one person's connection; null where nothing is. */
export interface Verdict {
  /** What is wrong, the worst first; empty when all is well. */
  findings: readonly Finding[];
  /** By id of the sender. */
  levels: ReadonlyMap<string, Level>;
  /** The way from here to the media server and back. */
  own: Level | null;
}

/** So many frames that come and are not shown are more than a burst. */
const DROPPED = { fair: 0.1, poor: 0.3 };

/** Below that a picture of the smallest size and a voice do not fit any more, in bits a second. */
const LITTLE_BPS = 250_000;

/** With fewer others a bad call is theirs as likely as the server's. */
const ALL_OF = 2;

/** Says how good everybody's connection is, whose side it is where it is bad, and why. */
export function diagnose(situation: Situation): Verdict {
  const { figures, senders } = situation;
  const own = figures === null ? null : levelOfWay(figures.way);
  const levels = new Map<string, Level>();
  for (const { id, tracks, atServer } of senders) {
    const arrivals = tracks.map((track) => figures?.arrivals.get(track));
    const level = worst([
      atServer,
      ...arrivals.map((each) => (each === undefined ? null : levelOfArrival(each))),
    ]);
    if (level !== null) levels.set(id, level);
  }
  const findings = [
    ...ofDevices(situation),
    ...ofNetwork(situation),
    ...ofServerAndOthers(situation, own, levels),
  ];
  return {
    findings: findings.toSorted((a, b) => Number(b.level === 'poor') - Number(a.level === 'poor')),
    levels,
    own,
  };
}

function finding(side: Side, cause: Cause, level: 'fair' | 'poor', names: readonly string[] = []): Finding {
  return { side, cause, level, names };
}

function ofDevices({ camera, microphone, figures }: Situation): Finding[] {
  const found: Finding[] = [];
  if (microphone.wanted && microphone.fault !== null)
    found.push(finding('device', 'microphone-fault', 'poor'));
  else if (microphone.wanted && microphone.silenced)
    found.push(finding('device', 'microphone-silenced', 'poor'));
  if (camera.wanted && camera.fault !== null) found.push(finding('device', 'camera-fault', 'poor'));
  else if (camera.wanted && camera.silenced) found.push(finding('device', 'camera-silenced', 'fair'));
  if (figures === null) return found;
  const { sending, arrivals } = figures;
  if (sending?.limitedBy === 'cpu') {
    const source = sending.sourceFramesPerSecond ?? sending.framesPerSecond;
    const isHalf = sending.framesPerSecond < source / 2;
    found.push(finding('device', 'encoding-slow', isHalf ? 'poor' : 'fair'));
  }
  // One picture may come in a burst; most of them at once are too much for the machine.
  const dropped = [...arrivals.values()].flatMap((each) => (each.dropped === null ? [] : [each.dropped]));
  const median = dropped.toSorted((a, b) => a - b)[dropped.length >> 1] ?? 0;
  if (median >= DROPPED.fair)
    found.push(finding('device', 'decoding-slow', median >= DROPPED.poor ? 'poor' : 'fair'));
  return found;
}

function ofNetwork({ line, media, camera, figures }: Situation): Finding[] {
  if (!line) return [finding('network', 'no-line', 'poor')];
  if (media === false) return [finding('network', 'no-media', 'poor')];
  if (figures === null) return [];
  const { way, sending } = figures;
  const found: Finding[] = [];
  const add = (cause: Cause, level: Level | null) => {
    if (level === 'fair' || level === 'poor') found.push(finding('network', cause, level));
  };
  add('loss', worst([levelOf('loss', way.sendLoss), levelOf('loss', way.receiveLoss)]));
  add('delay', levelOf('roundTripMs', way.roundTripMs));
  add('jitter', levelOf('jitterMs', way.jitterMs));
  if (
    camera.wanted &&
    sending?.limitedBy === 'bandwidth' &&
    way.sendLimitBps !== null &&
    way.sendLimitBps < LITTLE_BPS
  )
    add('little-bandwidth', 'poor');
  // By itself a detour is nothing bad, but it explains what is.
  if (found.length > 0 && (way.kind === 'tcp' || way.kind === 'relay')) add('detour', 'fair');
  return found;
}

/** Whose connection is bad, when one's own is not: what all of them have in common is the server. */
function ofServerAndOthers(
  { senders, line, media }: Situation,
  own: Level | null,
  levels: ReadonlyMap<string, Level>,
): Finding[] {
  const bad = senders.filter(({ id }) => levels.get(id) === 'poor');
  if (bad.length === 0 || !line || media === false) return [];
  const judged = senders.filter(({ id }) => levels.has(id));
  if (own === 'good' && judged.length >= ALL_OF && bad.length === judged.length)
    return [finding('server', 'all-bad', 'poor')];
  // With a bad way of one's own, only what the server says of others is theirs.
  const theirs = own === 'good' ? bad : bad.filter(({ atServer }) => atServer === 'poor');
  return theirs.length === 0
    ? []
    : [
        finding(
          'others',
          'one-bad',
          'poor',
          theirs.map(({ name }) => name),
        ),
      ];
}
