import { useEffect, useRef } from 'react';
import { useMessages } from '../i18n/language.tsx';
import './own-picture.css';

/** The own camera as in a mirror; initials while it is off. */
export function OwnPicture({ track, name }: { track: MediaStreamTrack | null; name: string }) {
  const { devices } = useMessages();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = track === null ? null : new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return (
    <div className="own-picture">
      <video ref={video} autoPlay muted playsInline aria-label={devices.preview} hidden={track === null} />
      {track === null && (
        <div className="own-picture-off">
          <span className="own-picture-initials" aria-hidden="true">
            {initialsOf(name)}
          </span>
          <span>{devices.cameraIsOff}</span>
        </div>
      )}
    </div>
  );
}

/** First letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}
