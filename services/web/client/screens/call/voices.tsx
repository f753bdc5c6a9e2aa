import { useEffect, useRef } from 'react';
import type { Received } from '../../call/received.ts';

/** Everybody's voice, and the sound of what is shared, from the loudspeaker that was chosen. */
export function Voices({ received, speaker }: { received: readonly Received[]; speaker: string }) {
  return received
    .filter(({ track }) => track.kind === 'audio')
    .map(({ id, track }) => <Voice key={id} track={track} speaker={speaker} />);
}

function Voice({ track, speaker }: { track: MediaStreamTrack; speaker: string }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    audio.srcObject = new MediaStream([track]);
    // A page may make sound once somebody has clicked in it, and everybody clicked to join.
    void audio.play().catch(() => undefined);
    return () => {
      audio.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    const audio = element.current;
    if (audio !== null && 'setSinkId' in audio && speaker !== '')
      void audio.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: live speech
  return <audio ref={element} autoPlay />;
}
