import { useEffect, useState, useSyncExternalStore } from 'react';
import { Devices, type DevicesState } from './devices.ts';

/** Camera and microphone for as long as the component is there. */
export function useDevices(): { devices: Devices; state: DevicesState } | null {
  const [devices, setDevices] = useState<Devices | null>(null);
  useEffect(() => {
    const opened = new Devices();
    setDevices(opened);
    void opened.open();
    return () => opened.close();
  }, []);
  const state = useSyncExternalStore(devices?.subscribe ?? nothing, () => devices?.state ?? null);
  return devices === null || state === null ? null : { devices, state };
}

const nothing = () => () => undefined;
