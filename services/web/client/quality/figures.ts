/** A row of an RTCStatsReport; what is in it depends on its type and on the browser. */
export type Row = Readonly<Record<string, unknown>>;

/** What both connections to the media server said at one moment; empty where there is no such connection. */
export interface Statistics {
  send: readonly Row[];
  receive: readonly Row[];
}

/** How media get to the server and back: the way counts for all that is sent and received. */
export interface Way {
  /** `tcp` and `relay` are detours: something between here and there lets nothing else through. */
  kind: 'udp' | 'tcp' | 'relay' | null;
  roundTripMs: number | null;
  /** Share of the packets sent that did not arrive, 0…1. */
  sendLoss: number | null;
  receiveLoss: number | null;
  /** Of the voices that are received. */
  jitterMs: number | null;
  /** What the browser believes can be sent, in bits a second. */
  sendLimitBps: number | null;
}

/** How the picture of the own camera is encoded. */
export interface Sending {
  framesPerSecond: number;
  /** Of what the camera gives. */
  sourceFramesPerSecond: number | null;
  limitedBy: 'none' | 'cpu' | 'bandwidth' | 'other';
}

/** What arrived of one track in the time between the two moments. */
export interface Arrival {
  kind: 'audio' | 'video';
  loss: number | null;
  /** Share of the sound that had to be made up because nothing was there, 0…1; null for pictures. */
  concealed: number | null;
  /** Share of the time in which the picture stood still; null for sound. */
  frozen: number | null;
  /** Share of the frames that came and were not shown in time; null for sound. */
  dropped: number | null;
  framesPerSecond: number | null;
}

export interface Figures {
  way: Way;
  sending: Sending | null;
  /** By id of the track. */
  arrivals: ReadonlyMap<string, Arrival>;
}

/** Shares of fewer packets or frames say nothing. */
const ENOUGH = 20;

/**
 * What two readings of the same connections, some seconds apart, say about the time between them. Counters that went back, and
 * rows that were not there before, belong to other connections and count for nothing.
 */
export function figuresOf(before: Statistics, now: Statistics): Figures {
  const arrivals = new Map<string, Arrival>();
  for (const row of now.receive) {
    const track = text(row, 'trackIdentifier');
    const former = before.receive.find(({ id }) => id === row.id);
    if (row.type !== 'inbound-rtp' || track === null || former === undefined) continue;
    arrivals.set(track, arrivalOf(former, row));
  }
  const received = now.receive.filter(({ type }) => type === 'inbound-rtp');
  const pair = selectedPair(now.send) ?? selectedPair(now.receive);
  const jitters = received.filter(({ kind }) => kind === 'audio').map((row) => number(row, 'jitter'));
  return {
    way: {
      kind: kindOf(now.send) ?? kindOf(now.receive),
      roundTripMs: inMs(number(pair, 'currentRoundTripTime')),
      sendLoss: sendLossOf(before.send, now.send),
      receiveLoss: totalLoss(before.receive, received, 'packetsReceived'),
      jitterMs: inMs(largest(jitters)),
      sendLimitBps: number(selectedPair(now.send), 'availableOutgoingBitrate'),
    },
    sending: sendingOf(now.send),
    arrivals,
  };
}

function arrivalOf(former: Row, row: Row): Arrival {
  const grown = (name: string) => growth(former, row, name);
  const isVideo = row.kind === 'video';
  const seconds = (Number(row.timestamp) - Number(former.timestamp)) / 1_000;
  const frozen = grown('totalFreezesDuration');
  const frames = grown('framesReceived') ?? 0;
  const concealed = (grown('concealedSamples') ?? 0) - (grown('silentConcealedSamples') ?? 0);
  return {
    kind: isVideo ? 'video' : 'audio',
    loss: totalLoss([former], [row], 'packetsReceived'),
    concealed: isVideo ? null : share(concealed, grown('totalSamplesReceived') ?? 0),
    // A freeze is counted when it ends, and may have begun before the time that is looked at.
    frozen: isVideo && frozen !== null && seconds > 0 ? Math.min(1, frozen / seconds) : null,
    dropped: isVideo ? share(grown('framesDropped') ?? 0, frames) : null,
    framesPerSecond: isVideo ? number(row, 'framesPerSecond') : null,
  };
}

/** Of the layers of the camera that are sent, the one with most pictures tells. */
function sendingOf(rows: readonly Row[]): Sending | null {
  const layers = rows.filter(
    (row) => row.type === 'outbound-rtp' && row.kind === 'video' && row.active !== false,
  );
  const best = layers.toSorted((a, b) => area(b) - area(a))[0];
  if (best === undefined) return null;
  const reasons = layers.map((row) => row.qualityLimitationReason);
  const limitedBy = (['cpu', 'bandwidth', 'other'] as const).find((reason) => reasons.includes(reason));
  const source = rows.find(({ id }) => id === best.mediaSourceId);
  return {
    framesPerSecond: Math.max(...layers.map((row) => number(row, 'framesPerSecond') ?? 0)),
    sourceFramesPerSecond: number(source, 'framesPerSecond'),
    limitedBy: limitedBy ?? 'none',
  };
}

/** What the server reports of what was sent, against what was sent in that time. */
function sendLossOf(before: readonly Row[], now: readonly Row[]): number | null {
  let lost = 0;
  let sent = 0;
  for (const row of now) {
    if (row.type !== 'outbound-rtp') continue;
    const former = before.find(({ id }) => id === row.id);
    const report = now.find(({ id }) => id === row.remoteId);
    const formerReport = before.find(({ id }) => id === row.remoteId);
    if (former === undefined || report === undefined || formerReport === undefined) continue;
    sent += growth(former, row, 'packetsSent') ?? 0;
    lost += growth(formerReport, report, 'packetsLost') ?? 0;
  }
  return share(lost, sent);
}

function totalLoss(before: readonly Row[], now: readonly Row[], arrivedName: string): number | null {
  let lost = 0;
  let arrived = 0;
  for (const row of now) {
    const former = before.find(({ id }) => id === row.id);
    if (former === undefined) continue;
    lost += growth(former, row, 'packetsLost') ?? 0;
    arrived += growth(former, row, arrivedName) ?? 0;
  }
  return share(lost, lost + arrived);
}

function kindOf(rows: readonly Row[]): Way['kind'] {
  const pair = selectedPair(rows);
  const local = rows.find(({ id }) => id !== undefined && id === pair?.localCandidateId);
  if (local === undefined) return null;
  if (local.candidateType === 'relay') return 'relay';
  return local.protocol === 'tcp' ? 'tcp' : 'udp';
}

/** Firefox names the pair by itself; everybody else by the transport. */
function selectedPair(rows: readonly Row[]): Row | undefined {
  const named = rows.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
  return rows.find(
    (row) =>
      row.type === 'candidate-pair' && (named === undefined ? row.selected === true : row.id === named),
  );
}

const area = (row: Row) => (number(row, 'frameWidth') ?? 0) * (number(row, 'frameHeight') ?? 0);
const inMs = (seconds: number | null) => (seconds === null ? null : seconds * 1_000);

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function growth(former: Row, row: Row, name: string): number | null {
  const [from, to] = [number(former, name), number(row, name)];
  return from === null || to === null || to < from ? null : to - from;
}

function share(part: number, whole: number): number | null {
  return whole < ENOUGH ? null : Math.min(1, Math.max(0, part / whole));
}

function number(row: Row | undefined, name: string): number | null {
  const value = row?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function text(row: Row, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' ? value : null;
}
