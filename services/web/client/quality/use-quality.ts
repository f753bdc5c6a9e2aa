import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Call, CallState } from '../call/call.ts';
import type { DeviceState, DevicesState } from '../devices/devices.ts';
import type { DeviceSituation, Situation } from './diagnosis.ts';
import { worst } from './levels.ts';
import { QualityMonitor, type QualityState, unknownQuality } from './monitor.ts';

/** How good the connections of a call are, for as long as the component is there. */
export function useQuality(call: Call, state: CallState, own: DevicesState): QualityState {
  const latest = useRef({ state, own });
  latest.current = { state, own };
  const [monitor, setMonitor] = useState<QualityMonitor | null>(null);
  useEffect(() => {
    const begun = new QualityMonitor({
      statistics: () => call.statistics(),
      situation: () => situationOf(latest.current.state, latest.current.own),
    });
    setMonitor(begun);
    return () => begun.close();
  }, [call]);
  return useSyncExternalStore(monitor?.subscribe ?? nothing, () => monitor?.state ?? unknownQuality);
}

const nothing = () => () => undefined;

/** What is known besides the statistics. */
export function situationOf(
  { line, me, participants, received }: CallState,
  own: DevicesState,
): Omit<Situation, 'figures' | 'media'> {
  return {
    line: line !== 'reconnecting',
    camera: deviceOf(own.camera),
    microphone: deviceOf(own.microphone),
    senders: participants
      .filter(({ id }) => id !== me)
      .map(({ id, name }) => {
        const sent = received.filter((each) => each.participant === id && !each.paused);
        return {
          id,
          name,
          tracks: sent.map(({ track }) => track.id),
          atServer: worst(sent.map(({ quality }) => quality)),
        };
      }),
  };
}

const deviceOf = ({ wanted, fault, track }: DeviceState): DeviceSituation => ({
  wanted,
  fault,
  silenced: track?.muted === true,
});
