import { useEffect, useLayoutEffect, useRef } from 'react';
import type { CallEvent } from '../../src/telemetry/events.ts';
import type { CallState } from '../call/call.ts';
import { worst } from '../quality/levels.ts';
import type { QualityState } from '../quality/monitor.ts';
import { useServices } from '../services.tsx';

const PERIOD_MS = 60_000;

/** Tells how the call is, once a minute and when it ends. */
export function useCallReports(room: string, state: CallState, quality: QualityState): void {
  const { telemetry } = useServices();
  const latest = useRef({ state, quality });
  useLayoutEffect(() => {
    latest.current = { state, quality };
  });
  useEffect(() => {
    const report = () => {
      const event = callEventOf(room, latest.current.state, latest.current.quality);
      if (event !== null) telemetry.add(event);
    };
    const timer = setInterval(report, PERIOD_MS);
    return () => {
      clearInterval(timer);
      report();
    };
  }, [telemetry, room]);
}

/** @returns null while there is nothing to tell */
export function callEventOf(
  room: string,
  { me, participants }: Pick<CallState, 'me' | 'participants'>,
  { findings, figures, own, levels }: QualityState,
): CallEvent | null {
  if (me === '' || figures === null) return null;
  const { kind, ...way } = figures.way;
  return {
    type: 'call',
    at: Date.now(),
    room,
    participant: me,
    people: participants.length,
    quality: worst([own, ...levels.values()]),
    findings: findings.map(({ side, cause }) => ({ side, cause })),
    way: kind,
    ...way,
    framesPerSecond: figures.sending?.framesPerSecond ?? null,
  };
}
