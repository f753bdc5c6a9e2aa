import { useEffect, useState } from 'react';
import { useMessages } from '../i18n/language.tsx';
import { followLevel } from './level.ts';
import './level-meter.css';

/** Nothing above this for so many tenths of a second is called silence. */
const silence = { level: 0.15, tenths: 60 };

/** How loud the microphone is, and a word where nothing is heard at all. */
export function LevelMeter({ track }: { track: MediaStreamTrack }) {
  const { devices } = useMessages();
  const [level, setLevel] = useState(0);
  const [quietFor, setQuietFor] = useState(0);
  useEffect(
    () =>
      followLevel(track, (now) => {
        setLevel(now);
        setQuietFor((former) => (now > silence.level ? 0 : former + 1));
      }),
    [track],
  );
  return (
    <div className="level">
      <meter aria-label={devices.level} min={0} max={1} value={level} />
      <p role="status" className="level-silent">
        {quietFor > silence.tenths ? devices.silent : ''}
      </p>
    </div>
  );
}
