import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Grant } from '../api/rooms.ts';
import type { Devices } from '../devices/devices.ts';
import { Call, type CallState } from './call.ts';

/** A call for as long as the component is there. */
export function useCall(
  devices: Devices,
  user: string,
  first: Grant,
  renew: () => Promise<Grant>,
): { call: Call; state: CallState } | null {
  const [call, setCall] = useState<Call | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another grant or another function begins no other call
  useEffect(() => {
    const url = new URL('/api/signal', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const begun = new Call({ url: url.href, devices, user, first, renew });
    setCall(begun);
    return () => begun.leave();
  }, [devices]);
  const state = useSyncExternalStore(call?.subscribe ?? nothing, () => call?.state ?? null);
  return call === null || state === null ? null : { call, state };
}

const nothing = () => () => undefined;
