import type { Device, types } from 'mediasoup-client';
import type { Reading } from '../quality/monitor.ts';
import { deviceFor } from './device.ts';
import { Incoming, type Shown } from './incoming.ts';
import { type Encodings, Outgoing, type Sent, type Source } from './outgoing.ts';
import type { Received, RemoteProducer } from './received.ts';
import type { SignalClient } from './signal-client.ts';

export interface StayOptions {
  /** What is on the screen; null before anybody has said. */
  shown: Shown | null;
  /** There is another stay that is still worth something, see `sendAll`. */
  isBeside: boolean;
  /** Something else is received, or something has arrived. */
  changed(): void;
}

interface MediaState {
  peers: { id: string; participant: string }[];
  producers: RemoteProducer[];
  rtpCapabilities: types.RtpCapabilities;
  encodings: Encodings;
}

interface Transports {
  send: types.TransportOptions;
  /** Null where the grant does not let one receive. */
  receive: types.TransportOptions | null;
}

/**
 * A stay at a media server: what is sent there and what is received. It ends with the server, its worker or the call; another
 * one takes its place, and sends the same tracks. What cannot be said because the line is broken is said by `mend`.
 */
export class Stay {
  readonly peer: string;
  /** Of the room at the media servers: a later one is larger. */
  readonly placement: number;
  readonly #signal: SignalClient;
  readonly #changed: () => void;
  readonly #send: types.Transport;
  readonly #receive: types.Transport | null;
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming | null;
  readonly #others = new Map<string, string>();
  #isClosed = false;

  /** Enters the media server. @throws Problem */
  static async enter(signal: SignalClient, grant: string, options: StayOptions): Promise<Stay> {
    const answer = await signal.call('media.join', { grant });
    // As the OpenAPI of the service media has them.
    const state = answer.state as unknown as MediaState;
    const transports = answer.transports as unknown as Transports;
    const device = await deviceFor(state.rtpCapabilities);
    return new Stay(signal, device, answer, state, transports, options);
  }

  private constructor(
    signal: SignalClient,
    device: Device,
    { peer, placement, iceServers }: { peer: string; placement: number; iceServers: RTCIceServer[] },
    { peers, producers, encodings }: MediaState,
    { send, receive }: Transports,
    { shown, isBeside, changed }: StayOptions,
  ) {
    this.peer = peer;
    this.placement = placement;
    this.#signal = signal;
    this.#changed = changed;
    this.#send = this.#prepare(device.createSendTransport({ ...send, iceServers }));
    this.#outgoing = new Outgoing({ peer, signal, device, transport: this.#send, encodings, isBeside });
    this.#receive =
      receive === null ? null : this.#prepare(device.createRecvTransport({ ...receive, iceServers }));
    this.#incoming =
      this.#receive === null
        ? null
        : new Incoming({
            peer,
            signal,
            device,
            transport: this.#receive,
            shown,
            changed: () => this.#tell(),
          });
    for (const { id, participant } of peers) this.#others.set(id, participant);
    for (const producer of producers) this.added(producer);
  }

  get received(): Received[] {
    return this.#incoming?.received ?? [];
  }

  /** The others who are at this server. */
  get others(): ReadonlySet<string> {
    return new Set(this.#others.values());
  }

  /** Sends a track, another one in its place, or nothing more. */
  set(sent: Sent): Promise<void> {
    return this.#outgoing.set(sent);
  }

  /** The stay beside it is left: all that there is to send is sent here. */
  sendAll(): void {
    this.#outgoing.sendAll();
  }

  /** Says and asks again what was lost with the line. */
  mend(): void {
    this.#outgoing.mend();
    this.#incoming?.mend();
  }

  /** Says what is on the screen: the server sends no other pictures, and these no larger than they are shown. */
  show(shown: Shown): void {
    this.#incoming?.show(shown);
  }

  joined(id: string, participant: string): void {
    this.#others.set(id, participant);
    this.#tell();
  }

  left(id: string): void {
    this.#others.delete(id);
    this.#tell();
  }

  added(producer: RemoteProducer): void {
    this.#incoming?.added(producer);
  }

  changed(id: string, change: Partial<Pick<RemoteProducer, 'paused' | 'quality'>>): void {
    this.#incoming?.changed(id, change);
  }

  removed(id: string): void {
    this.#incoming?.removed(id);
  }

  /** How both connections are at this moment, and what they count. */
  async statistics(): Promise<Reading> {
    const rows = async (transport: types.Transport | null) =>
      transport === null || transport.closed ? [] : [...(await transport.getStats()).values()];
    const [send, receive] = await Promise.all([rows(this.#send), rows(this.#receive)]);
    const states = [this.#send, this.#receive].map((transport) => transport?.connectionState ?? 'new');
    return { send, receive, isConnected: isConnected(states) };
  }

  close(): void {
    this.#isClosed = true;
    this.#send.close();
    this.#receive?.close();
    this.#incoming?.close();
  }

  #prepare(transport: types.Transport): types.Transport {
    const { peer } = this;
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#signal
        .call('media.connect', { peer, transport: transport.id, dtlsParameters: { ...dtlsParameters } })
        .then(() => done(), failed);
    });
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      this.#signal
        .call('media.produce', {
          ...{ peer, transport: transport.id, source: appData.source as Source },
          rtpParameters: { ...rtpParameters },
          ...(appData.paused === true ? { paused: true } : {}),
        })
        .then(({ id }) => done({ id }), failed);
    });
    transport.on('connectionstatechange', (state) => {
      // The way there has changed, as between two networks: another one may be there.
      if (state === 'failed') void this.#restartIce(transport).catch(() => undefined);
    });
    return transport;
  }

  async #restartIce(transport: types.Transport): Promise<void> {
    const { peer } = this;
    await transport.updateIceServers(await this.#signal.call('self.ice-servers', {}));
    const iceParameters = await this.#signal.call('media.restart-ice', { peer, transport: transport.id });
    await transport.restartIce({ iceParameters: iceParameters as unknown as types.IceParameters });
  }

  #tell(): void {
    if (!this.#isClosed) this.#changed();
  }
}

/** @returns null while nothing is known: what nobody has used yet is not connected either */
function isConnected(states: readonly types.ConnectionState[]): boolean | null {
  if (states.some((state) => state === 'disconnected' || state === 'failed')) return false;
  return states.includes('connected') ? true : null;
}
