import type { RouterRtpCodecCapability } from 'mediasoup/types';

/**
 * What rooms speak, the preferred first. Opus pauses while nobody speaks (DTX) and repeats in band what may be lost (FEC);
 * every browser has VP8 and H264, VP9 and AV1 are for those who both have them.
 */
export const mediaCodecs: RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    parameters: { usedtx: 1, useinbandfec: 1, minptime: 10 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000 },
];

/** How clients encode what they send: the faces in three sizes; a screen in one, because its text must stay sharp. */
export const encodings = {
  camera: [
    { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 200_000, scalabilityMode: 'L1T3' },
    { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 600_000, scalabilityMode: 'L1T3' },
    { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 2_000_000, scalabilityMode: 'L1T3' },
  ],
  screen: [{ maxBitrate: 4_000_000, scalabilityMode: 'L1T1' }],
};

/** Where bandwidth estimation starts, in bit/s: enough for a face at once, little enough for a phone. */
export const initialOutgoingBitrate = 1_000_000;

/** All that one peer may send at once, in bit/s: a camera in three sizes, a screen, two voices. */
export const maxIncomingBitrate = 10_000_000;

/** A sender is asked for a key frame at most this often, however many viewers come at once. */
export const keyFrameRequestDelayMs = 300;
