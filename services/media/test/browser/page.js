// What runs in the pages of browser.test.ts: a client of one peer. `media` asks the server, and is the test's.
import { Device } from 'mediasoup-client';

const device = new Device();
let state;

async function open(direction) {
  const options = await window.media('POST', '/transports', { direction });
  const transport =
    direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  transport.on('connect', ({ dtlsParameters }, done, failed) =>
    window.media('POST', `/transports/${options.id}/connect`, { dtlsParameters }).then(done, failed),
  );
  transport.on('produce', ({ rtpParameters, appData }, done, failed) =>
    window
      .media('POST', '/producers', { transport: options.id, source: appData.source, rtpParameters })
      .then(done, failed),
  );
  return transport;
}

async function figuresOf(stats) {
  for (const each of (await stats).values()) if (each.type === 'inbound-rtp') return each;
  return null;
}

const consumers = new Map();
let receiving;

window.call = {
  async enter() {
    state = await window.media('GET', '');
    await device.load({ routerRtpCapabilities: state.rtpCapabilities });
  },

  /** Sends the camera in three sizes, and the microphone. */
  async send() {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: 1280, height: 720, frameRate: 15 },
    });
    const transport = await open('send');
    const camera = await transport.produce({
      track: stream.getVideoTracks()[0],
      encodings: state.encodings.camera,
      codecOptions: { videoGoogleStartBitrate: 2000 },
      appData: { source: 'camera' },
    });
    const microphone = await transport.produce({
      track: stream.getAudioTracks()[0],
      codecOptions: { opusDtx: true, opusFec: true },
      appData: { source: 'microphone' },
    });
    return { camera: camera.id, microphone: microphone.id };
  },

  async receive(producer) {
    receiving ??= await open('receive');
    const { id, kind, rtpParameters } = await window.media('POST', '/consumers', {
      transport: receiving.id,
      producer,
      rtpCapabilities: device.recvRtpCapabilities,
    });
    const consumer = await receiving.consume({ id, producerId: producer, kind, rtpParameters });
    const element = document.createElement(kind);
    element.autoplay = true;
    element.srcObject = new MediaStream([consumer.track]);
    document.body.append(element);
    consumers.set(id, consumer);
    await window.media('PATCH', `/consumers/${id}`, { paused: false });
    return id;
  },

  async figures(id) {
    const inbound = await figuresOf(consumers.get(id).getStats());
    return {
      framesDecoded: inbound?.framesDecoded ?? 0,
      width: inbound?.frameWidth ?? 0,
      packets: inbound?.packetsReceived ?? 0,
      energy: inbound?.totalAudioEnergy ?? 0,
    };
  },
};
