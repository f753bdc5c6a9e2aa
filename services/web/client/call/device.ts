import { Device, type types } from 'mediasoup-client';

let known: { capabilities: string; device: Promise<Device> } | null = null;

/** What the browser can do with a router of these capabilities; to find out takes a while, and all routers are alike. */
export function deviceFor(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const capabilities = JSON.stringify(routerRtpCapabilities);
  if (known?.capabilities === capabilities) return known.device;
  const device = Device.factory().then(async (made) => {
    await made.load({ routerRtpCapabilities });
    return made;
  });
  known = { capabilities, device };
  device.catch(() => {
    known = null;
  });
  return device;
}
