import { useEffect, useRef, useState } from 'react';

/**
 * A moving picture. Where another track takes the place of one, the former stays until the first frame of the other is there:
 * a call that moves to another media server is not seen to.
 */
export function MovingPicture({ track }: { track: MediaStreamTrack | null }) {
  const [shown, setShown] = useState(track);
  // Nothing to wait for.
  if (shown !== track && (shown === null || track === null)) setShown(track);
  const tracks = [shown, track].filter((each, i, all) => each !== null && all.indexOf(each) === i);
  return tracks.map((each) => (
    <Video key={each?.id} track={each} isNext={each !== shown} onFrame={() => setShown(each)} />
  ));
}

function Video({
  track,
  isNext,
  onFrame,
}: {
  track: MediaStreamTrack | null;
  isNext: boolean;
  onFrame(): void;
}) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null || track === null) return;
    video.srcObject = new MediaStream([track]);
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={element}
      className={isNext ? 'picture-next' : ''}
      autoPlay
      muted
      playsInline
      onLoadedData={onFrame}
    />
  );
}
