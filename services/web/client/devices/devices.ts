/** Why there is no picture or sound from a device. */
export type DeviceFault = 'blocked' | 'taken' | 'missing' | 'failed';

export type DeviceKind = 'camera' | 'microphone';

/** What a person wants and gets of one kind of device. Never changed in place. */
export interface DeviceState {
  /** On, as far as the person is concerned. */
  wanted: boolean;
  /** Null while it is off, being asked for, or not to be had. */
  track: MediaStreamTrack | null;
  asking: boolean;
  fault: DeviceFault | null;
  /** Id of the device in use or asked for; empty for whatever the system prefers. */
  deviceId: string;
}

export interface DevicesState {
  camera: DeviceState;
  microphone: DeviceState;
  /** What can be chosen; without names until the browser was allowed to tell. */
  list: readonly MediaDeviceInfo[];
}

/** It is on and works. */
export function isOn({ wanted, track }: DeviceState): boolean {
  return wanted && track !== null;
}

const storageKey = 'tandem.devices';

const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Camera and microphone of this browser: turned on and off, changed while in use, followed when they are plugged in or pulled
 * out. What is off is let go of, so that the machine's own light is the truth; a microphone only where `keepsMicrophone` does
 * not say that the next word must be heard from its beginning.
 */
export class Devices {
  #state: DevicesState;
  readonly #listeners = new Set<() => void>();
  readonly #latest: Record<DeviceKind, number> = { camera: 0, microphone: 0 };
  readonly #end = new AbortController();
  #keepsMicrophone = false;

  constructor() {
    const kept = read();
    const initial = (kind: DeviceKind): DeviceState => ({
      wanted: kept[kind]?.wanted ?? true,
      track: null,
      asking: false,
      fault: null,
      deviceId: kept[kind]?.deviceId ?? '',
    });
    this.#state = { camera: initial('camera'), microphone: initial('microphone'), list: [] };
    const { signal } = this.#end;
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#refreshList(), { signal });
  }

  get state(): DevicesState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks for what is wanted, both in one question where both are. */
  async open(): Promise<void> {
    await Promise.all([this.#apply('camera'), this.#apply('microphone')]);
  }

  async turn(kind: DeviceKind, on: boolean): Promise<void> {
    const { track } = this.#state[kind];
    if (on) {
      if (track !== null) track.enabled = true;
      this.#set(kind, { wanted: true, fault: null });
      this.#remember();
      if (track === null) await this.#apply(kind);
    } else {
      this.#latest[kind]++;
      this.#set(kind, { wanted: false, fault: null, asking: false, track: this.#unused(kind) });
      this.#remember();
    }
  }

  /** A microphone that is turned off stays open without sending anything, so that turning it on takes no time. */
  set keepsMicrophone(keeps: boolean) {
    this.#keepsMicrophone = keeps;
    if (!this.#state.microphone.wanted) this.#set('microphone', { track: this.#unused('microphone') });
  }

  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    this.#set(kind, { deviceId, wanted: true, fault: null });
    this.#remember();
    await this.#apply(kind);
  }

  /** Lets go of everything. */
  close(): void {
    this.#end.abort();
    for (const kind of ['camera', 'microphone'] as const) {
      this.#latest[kind]++;
      this.#state[kind].track?.stop();
      this.#set(kind, { track: null, asking: false });
    }
  }

  /** Makes the device what is wanted now. Of several at once the last one counts. */
  async #apply(kind: DeviceKind): Promise<void> {
    const turn = ++this.#latest[kind];
    const { wanted, track: former, deviceId } = this.#state[kind];
    if (!wanted) {
      this.#set(kind, { asking: false, track: this.#unused(kind) });
      return;
    }
    this.#set(kind, { asking: true });
    const { track, fault } = await capture(kind, deviceId);
    if (turn !== this.#latest[kind] || this.#end.signal.aborted) {
      track?.stop();
      return;
    }
    former?.stop();
    track?.addEventListener('ended', () => this.#lost(kind, track), { once: true });
    const used = track?.getSettings().deviceId ?? deviceId;
    this.#set(kind, { track, fault, asking: false, deviceId: used });
    await this.#refreshList();
  }

  /** What is left of a device that is off. */
  #unused(kind: DeviceKind): MediaStreamTrack | null {
    const { track } = this.#state[kind];
    if (track === null) return null;
    if (kind === 'microphone' && this.#keepsMicrophone) {
      track.enabled = false;
      return track;
    }
    track.stop();
    return null;
  }

  /** It was pulled out, or the right to use it was taken back: another one, if there is one. */
  #lost(kind: DeviceKind, track: MediaStreamTrack): void {
    if (this.#state[kind].track !== track || this.#end.signal.aborted) return;
    this.#set(kind, { track: null, deviceId: '' });
    void this.#apply(kind);
  }

  async #refreshList(): Promise<void> {
    const list = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    this.#state = { ...this.#state, list };
    this.#tell();
  }

  #set(kind: DeviceKind, change: Partial<DeviceState>): void {
    this.#state = { ...this.#state, [kind]: { ...this.#state[kind], ...change } };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #remember(): void {
    const { camera, microphone } = this.#state;
    const choice = ({ wanted, deviceId }: DeviceState) => ({ wanted, deviceId });
    try {
      localStorage.setItem(
        storageKey,
        JSON.stringify({ camera: choice(camera), microphone: choice(microphone) }),
      );
    } catch {
      // Then it is asked again the next time.
    }
  }
}

/** A device that has gone is replaced by the one that the system prefers. */
async function capture(
  kind: DeviceKind,
  deviceId: string,
): Promise<{ track: MediaStreamTrack | null; fault: DeviceFault | null }> {
  // Without HTTPS, but for this very machine, browsers have no devices.
  if (navigator.mediaDevices === undefined) return { track: null, fault: 'blocked' };
  const wish = deviceId === '' ? {} : { deviceId: { ideal: deviceId } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(
      kind === 'camera' ? { video: { ...video, ...wish } } : { audio: { ...audio, ...wish } },
    );
    return { track: stream.getTracks()[0] ?? null, fault: null };
  } catch (error) {
    return { track: null, fault: faultOf(error) };
  }
}

/** Names of https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia */
export function faultOf(error: unknown): DeviceFault {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'blocked';
    case 'NotReadableError':
    case 'AbortError':
      return 'taken';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    default:
      return 'failed';
  }
}

function read(): Partial<Record<DeviceKind, { wanted?: boolean; deviceId?: string }>> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
