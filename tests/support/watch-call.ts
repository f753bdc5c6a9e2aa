import type { Page } from 'playwright-core';
import { until } from './until.ts';

/**
 * Runs in a page of a call before the page's own scripts: a steady tone in place of the microphone's beeps, and a record of
 * what the page shows and plays of everybody, frame by frame.
 */
export const watchCall = `
(() => {
  const devices = navigator.mediaDevices;
  const original = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    if (!wanted.audio) return original(wanted);
    const context = new AudioContext();
    const [tone, to] = [context.createOscillator(), context.createMediaStreamDestination()];
    tone.connect(to);
    tone.start();
    // It may not sound before somebody has clicked or typed.
    const waking = setInterval(() => context.state === 'running' ? clearInterval(waking) : context.resume(), 50);
    const video = wanted.video ? (await original({ video: wanted.video })).getVideoTracks() : [];
    return new MediaStream([...to.stream.getAudioTracks(), ...video]);
  };

  const pictures = new Map();
  const sound = { last: 0, gap: 0, heard: false };
  const lasting = (record, now) => Math.max(record.gap, record.last === 0 ? 0 : now - record.last);
  const happened = (record) => {
    const now = performance.now();
    record.gap = lasting(record, now);
    record.last = now;
  };
  const pictureOf = (name) => {
    if (!pictures.has(name)) pictures.set(name, { last: 0, gap: 0, vanished: false, unmuted: false });
    return pictures.get(name);
  };

  const known = new WeakSet();
  const follow = (video) => {
    known.add(video);
    const shown = () => {
      const figure = video.closest('figure');
      if (figure !== null && !video.classList.contains('picture-next')) happened(pictureOf(figure.ariaLabel));
      if (video.isConnected) video.requestVideoFrameCallback(shown);
      else known.delete(video);
    };
    video.requestVideoFrameCallback(shown);
  };
  const look = () => {
    for (const video of document.querySelectorAll('figure video')) if (!known.has(video)) follow(video);
    for (const [name, record] of pictures) {
      const figure = document.querySelector('figure[aria-label="' + name + '"]');
      if (figure === null) record.vanished = true;
      else if (figure.querySelector('[aria-label="Microphone off"]') === null) record.unmuted = true;
    }
  };
  addEventListener('DOMContentLoaded', () => {
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });

  let context = null;
  const meters = new Map();
  setInterval(() => {
    for (const audio of document.querySelectorAll('audio')) {
      if (audio.srcObject === null || meters.has(audio.srcObject)) continue;
      context ??= new AudioContext();
      void context.resume();
      const meter = context.createAnalyser();
      meter.fftSize = 512;
      context.createMediaStreamSource(audio.srcObject).connect(meter);
      meters.set(audio.srcObject, meter);
    }
    const samples = new Float32Array(512);
    for (const [stream, meter] of meters) {
      if (!stream.active) meters.delete(stream);
      meter.getFloatTimeDomainData(samples);
      if (!samples.some((sample) => Math.abs(sample) > 0.01)) continue;
      sound.heard = true;
      return happened(sound);
    }
  }, 10);

  window.watched = {
    begin() {
      const now = performance.now();
      sound.heard = false;
      for (const record of [...pictures.values(), sound]) {
        if (record.last !== 0) record.last = now;
        Object.assign(record, { gap: 0, vanished: false, unmuted: false });
      }
    },
    tell(name) {
      const now = performance.now();
      const { vanished, unmuted, ...picture } = pictureOf(name);
      return {
        video: Math.round(lasting(picture, now)),
        audio: sound.last === 0 ? null : Math.round(lasting(sound, now)),
        heard: sound.heard,
        vanished, unmuted,
        isMoving: picture.last !== 0 && now - picture.last < 500,
      };
    },
  };
})();
`;

/** What a page showed and played since the watch began. */
export interface Watched {
  /** Longest time without a new frame of the person, in ms. */
  video: number;
  /** Longest time without sound, in ms; null where there was none from the beginning. */
  audio: number | null;
  /** There was sound, of anybody. */
  heard: boolean;
  /** The person was shown as gone. */
  vanished: boolean;
  /** The person was shown with the microphone on. */
  unmuted: boolean;
  /** Frames come at the moment. */
  isMoving: boolean;
}

/** Begins to watch anew; the page was opened with `watchCall`. */
export async function beginWatching(page: Page): Promise<void> {
  await page.evaluate('window.watched.begin()');
}

export async function watchedOf(page: Page, name: string): Promise<Watched> {
  return (await page.evaluate(`window.watched.tell(${JSON.stringify(name)})`)) as Watched;
}

/** Waits until nothing is heard for a second. */
export async function hearsNobody(page: Page): Promise<void> {
  await until('nobody is heard', async () => {
    await beginWatching(page);
    await page.waitForFunction('window.watched.tell("").heard', null, { timeout: 1_000 }).catch(() => null);
    return !(await watchedOf(page, '')).heard;
  });
}
