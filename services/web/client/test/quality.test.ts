import { describe, expect, test } from 'vitest';
import { diagnose, type Situation } from '../quality/diagnosis.ts';
import { type Figures, figuresOf, type Row, type Statistics } from '../quality/figures.ts';
import { QualityMonitor } from '../quality/monitor.ts';
import recorded from './recorded/chromium-156.json' with { type: 'json' };

/** Two seconds of a call between two pages of Chromium, as `getStats` told them; addresses are left out. */
const { before, after } = recorded as { before: Statistics; after: Statistics };
const voice = 'f836760c-234f-4fb4-ac8c-1e89a46cf607';
const picture = '44fe75d6-b238-4acf-9b97-7c1ffa623cc3';

/** The recording, with some fields of the rows of one type changed. */
function changed(of: Statistics, type: string, kind: string | null, change: (row: Row) => Row): Statistics {
  const apply = (rows: readonly Row[]) =>
    rows.map((row) =>
      row.type === type && (kind === null || row.kind === kind) ? { ...row, ...change(row) } : row,
    );
  return { send: apply(of.send), receive: apply(of.receive) };
}
const plus = (row: Row, name: string, more: number) => ({ [name]: Number(row[name]) + more });

describe('figures of what Chromium told', () => {
  test('a good call', () => {
    const { way, sending, arrivals } = figuresOf(before, after);
    expect(way).toEqual({
      kind: 'udp',
      roundTripMs: 9,
      sendLoss: 0,
      receiveLoss: 0,
      jitterMs: 3,
      sendLimitBps: 2_560_000,
    });
    // On the way up from its first picture Chromium calls itself limited, however much there is.
    expect(sending).toEqual({ framesPerSecond: 19, sourceFramesPerSecond: 19, limitedBy: 'bandwidth' });
    expect(arrivals.get(voice)).toMatchObject({
      kind: 'audio',
      loss: 0,
      frozen: null,
      framesPerSecond: null,
    });
    expect(arrivals.get(picture)).toEqual({
      kind: 'video',
      loss: 0,
      concealed: null,
      frozen: 0,
      dropped: 0,
      framesPerSecond: 20,
    });
  });

  test('what was lost in between, both ways', () => {
    let now = changed(after, 'inbound-rtp', 'video', (row) => plus(row, 'packetsLost', 20));
    now = changed(now, 'remote-inbound-rtp', 'audio', (row) => plus(row, 'packetsLost', 15));
    const { way, arrivals } = figuresOf(before, now);
    expect(arrivals.get(picture)?.loss).toBeCloseTo(0.2, 2);
    expect(arrivals.get(voice)?.loss).toBe(0);
    expect(way.receiveLoss).toBeCloseTo(0.1, 2);
    expect(way.sendLoss).toBeCloseTo(0.083, 2);
  });

  test('a detour', () => {
    const of = (change: Row) =>
      figuresOf(
        before,
        changed(after, 'local-candidate', null, () => change),
      ).way.kind;
    expect(of({ protocol: 'tcp' })).toBe('tcp');
    expect(of({ candidateType: 'relay', protocol: 'udp' })).toBe('relay');
  });

  test('Firefox, which names the pair that is used by itself', () => {
    const without = (of: Statistics): Statistics => {
      const rows = (list: readonly Row[]) => {
        const used = list.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
        return list
          .filter(({ type }) => type !== 'transport')
          .map((row) => (row.type === 'candidate-pair' ? { ...row, selected: row.id === used } : row));
      };
      return { send: rows(of.send), receive: rows(of.receive) };
    };
    expect(figuresOf(without(before), without(after)).way).toMatchObject({ kind: 'udp', roundTripMs: 9 });
  });

  test.each([
    ['nothing yet', { send: [], receive: [] }, { send: [], receive: [] }],
    ['the first reading', { send: [], receive: [] }, after],
    ['a move to another server, where counting begins anew', after, before],
    [
      'rows without anything in them',
      before,
      {
        send: after.send.map(({ id, type }) => ({ id, type })),
        receive: after.receive.map(({ id, type }) => ({ id, type })),
      },
    ],
    [
      'rows full of something else',
      before,
      {
        send: after.send.map((row) => Object.fromEntries(Object.keys(row).map((key) => [key, 'x']))),
        receive: after.receive.map((row) =>
          Object.fromEntries(Object.keys(row).map((key) => [key, Number.NaN])),
        ),
      },
    ],
  ] satisfies [string, Statistics, Statistics][])('%s: no figure is made up', (_, from, to) => {
    const { way, arrivals } = figuresOf(from, to);
    expect([way.sendLoss, way.receiveLoss]).toEqual([null, null]);
    for (const { loss, concealed, frozen, dropped } of arrivals.values())
      expect([loss, concealed, dropped, frozen === null || frozen === 0]).toEqual([null, null, null, true]);
  });
});

const good: Figures = figuresOf(before, after);
const fine = { wanted: true, fault: null, silenced: false };
const ada = { id: 'ada', name: 'Ada', tracks: [voice], atServer: 'good' as const };
const bob = { id: 'bob', name: 'Bob', tracks: [picture], atServer: 'good' as const };

const situation = (change: Partial<Situation> = {}): Situation => ({
  line: true,
  media: true,
  camera: fine,
  microphone: fine,
  senders: [ada, bob],
  figures: good,
  ...change,
});
const way = (change: Partial<Figures['way']>): Figures => ({ ...good, way: { ...good.way, ...change } });
const arriving = (
  change: Partial<NonNullable<ReturnType<Figures['arrivals']['get']>>>,
  ...tracks: string[]
): Figures => ({
  ...good,
  arrivals: new Map(
    [...good.arrivals].map(([id, arrival]) => [
      id,
      tracks.includes(id) ? { ...arrival, ...change } : arrival,
    ]),
  ),
});
const sending = (change: Partial<NonNullable<Figures['sending']>>, of = good): Figures => ({
  ...of,
  sending: { framesPerSecond: 30, sourceFramesPerSecond: 30, limitedBy: 'none', ...change },
});

describe('whose side it is', () => {
  test.each([
    ['all is well', {}, []],
    ['nothing is known yet', { figures: null, media: null }, []],
    ['no line', { line: false }, ['network no-line poor']],
    ['no media', { media: false }, ['network no-media poor']],
    ['many packets sent are lost', { figures: way({ sendLoss: 0.2 }) }, ['network loss poor']],
    ['some packets are lost on the way here', { figures: way({ receiveLoss: 0.04 }) }, ['network loss fair']],
    ['a satellite', { figures: way({ roundTripMs: 650 }) }, ['network delay poor']],
    ['packets come in bursts', { figures: way({ jitterMs: 120 }) }, ['network jitter poor']],
    [
      'a bad way, and UDP is blocked',
      { figures: way({ jitterMs: 50, kind: 'relay' as const }) },
      ['network jitter fair', 'network detour fair'],
    ],
    ['UDP is blocked, and all is well', { figures: way({ kind: 'tcp' as const }) }, []],
    [
      'hardly anything can be sent',
      { figures: sending({ limitedBy: 'bandwidth' }, way({ sendLimitBps: 90_000 })) },
      ['network little-bandwidth poor'],
    ],
    ['on the way up from the first picture', { figures: sending({ limitedBy: 'bandwidth' }) }, []],
    [
      'this machine encodes too slowly',
      { figures: sending({ limitedBy: 'cpu' }) },
      ['device encoding-slow fair'],
    ],
    [
      'this machine encodes much too slowly',
      { figures: sending({ limitedBy: 'cpu', framesPerSecond: 8 }) },
      ['device encoding-slow poor'],
    ],
    [
      'this machine shows too little of what comes',
      { figures: arriving({ dropped: 0.5 }, picture) },
      ['device decoding-slow poor'],
    ],
    [
      'another program has the camera',
      { camera: { wanted: true, fault: 'taken' as const, silenced: false } },
      ['device camera-fault poor'],
    ],
    [
      'a camera that is off is no fault',
      { camera: { wanted: false, fault: 'missing' as const, silenced: false } },
      [],
    ],
    [
      'the headset is muted by its own switch',
      { microphone: { wanted: true, fault: null, silenced: true } },
      ['device microphone-silenced poor'],
    ],
    ['one voice is torn', { figures: arriving({ concealed: 0.3 }, voice) }, ['others one-bad poor Ada']],
    [
      'one sender hardly reaches the server',
      { senders: [ada, { ...bob, atServer: 'poor' as const }] },
      ['others one-bad poor Bob'],
    ],
    [
      'everybody is bad, and the way to the server is good',
      { figures: arriving({ concealed: 0.3, frozen: 0.5 }, voice, picture) },
      ['server all-bad poor'],
    ],
    [
      'everybody is bad, and so is the way here',
      {
        figures: {
          ...arriving({ concealed: 0.3, frozen: 0.5 }, voice, picture),
          way: way({ receiveLoss: 0.3 }).way,
        },
      },
      ['network loss poor'],
    ],
    [
      'the only other one is bad: nobody knows whether it is the server',
      { senders: [{ ...ada, atServer: 'poor' as const }] },
      ['others one-bad poor Ada'],
    ],
    ['nobody else is there', { senders: [] }, []],
  ] satisfies [string, Partial<Situation>, string[]][])('%s', (_, change, expected) => {
    const { findings } = diagnose(situation(change));
    expect(findings.map(({ side, cause, level, names }) => [side, cause, level, ...names].join(' '))).toEqual(
      expected,
    );
  });

  test('what disturbs comes before what may be noticed', () => {
    const { findings } = diagnose(
      situation({ camera: { ...fine, silenced: true }, figures: way({ sendLoss: 0.3 }) }),
    );
    expect(findings.map(({ cause }) => cause)).toEqual(['loss', 'camera-silenced']);
  });

  test('everybody has a level: the worse of what the server says and what arrives here', () => {
    const { levels, own } = diagnose(
      situation({
        senders: [{ ...ada, atServer: 'fair' }, bob],
        figures: arriving({ frozen: 0.5 }, picture),
      }),
    );
    expect([...levels]).toEqual([
      ['ada', 'fair'],
      ['bob', 'poor'],
    ]);
    expect(own).toBe('good');
    expect(diagnose(situation({ senders: [{ ...ada, tracks: [], atServer: null }] })).levels.size).toBe(0);
  });
});

test('what was found once may be a hiccup: it is shown when it is found again, and no longer than it lasts', async () => {
  const lossy = changed(after, 'inbound-rtp', 'video', (row) => plus(row, 'packetsLost', 60));
  const worse = changed(lossy, 'inbound-rtp', 'video', (row) => ({
    ...plus(row, 'packetsLost', 60),
    ...plus(row, 'packetsReceived', 80),
  }));
  const readings = [before, lossy, worse, worse];
  const { figures, media, ...rest } = situation();
  const monitor = new QualityMonitor({
    statistics: async () => ({ ...(readings.shift() ?? worse), isConnected: true }),
    situation: () => rest,
  });
  const causes: string[][] = [];
  monitor.subscribe(() => causes.push(monitor.state.findings.map(({ cause }) => cause)));
  for (let reading = 1; reading <= 4; reading++) await monitor.look();
  monitor.close();
  expect(causes).toEqual([[], [], ['loss'], []]);
  await monitor.look();
  expect(causes).toHaveLength(4);
});
