import { Hand, MicOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { initialsOf } from '../../devices/own-picture.tsx';
import { useMessages } from '../../i18n/language.tsx';
import './tile.css';

export interface TileProps {
  name: string;
  /** Null while there is no picture. */
  video: MediaStreamTrack | null;
  isMe?: boolean;
  isMuted?: boolean;
  isSpeaking?: boolean;
  hand?: boolean;
  reaction?: string;
  /** A screen is shown whole, a person fills the tile. */
  isScreen?: boolean;
}

/** One picture of a call, with whose it is. */
export function Tile(props: TileProps) {
  const {
    name,
    video,
    isMe = false,
    isMuted = false,
    isSpeaking = false,
    hand = false,
    reaction,
    isScreen = false,
  } = props;
  const { call } = useMessages();
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (element.current !== null)
      element.current.srcObject = video === null ? null : new MediaStream([video]);
  }, [video]);
  const kind = [
    isSpeaking ? 'tile-speaking' : '',
    isMe && !isScreen ? 'tile-me' : '',
    isScreen ? 'tile-screen' : '',
  ];
  return (
    <figure className={`tile ${kind.join(' ')}`} aria-label={isScreen ? call.screenOf(name) : name}>
      <video ref={element} autoPlay muted playsInline hidden={video === null} />
      {video === null && (
        <span className="tile-initials" aria-hidden="true">
          {initialsOf(name)}
        </span>
      )}
      <figcaption className="tile-name">
        {isMuted && <MicOff size={14} aria-label={call.isMuted} />}
        {isScreen ? call.screenOf(name) : isMe ? call.you(name) : name}
      </figcaption>
      {hand && (
        <span className="tile-hand">
          <Hand size={18} aria-label={call.handRaised} />
        </span>
      )}
      {reaction !== undefined && <span className="tile-reaction">{reaction}</span>}
    </figure>
  );
}
