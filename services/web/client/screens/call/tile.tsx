import { Hand, MicOff, Pin, PinOff } from 'lucide-react';
import { initialsOf } from '../../devices/own-picture.tsx';
import { useMessages } from '../../i18n/language.tsx';
import { PersonBars } from '../../quality/quality.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import type { Size } from './layout.ts';
import { MovingPicture } from './moving-picture.tsx';
import type { Picture } from './pictures.ts';
import './tile.css';

/** One picture of a call, with whose it is. A screen is shown whole, a person fills the tile. */
export function Tile({
  picture,
  size,
  isPinned,
  onPin,
}: {
  picture: Picture;
  size: Size;
  isPinned: boolean;
  /** Missing where there is nothing to choose from. */
  onPin?: () => void;
}) {
  const { participant, video, isScreen, isMe, isMuted, isSpeaking, reaction } = picture;
  const { name, hand } = participant;
  const { call } = useMessages();
  const kinds = [
    'tile',
    isSpeaking ? 'tile-speaking' : '',
    isMe && !isScreen ? 'tile-me' : '',
    isScreen ? 'tile-screen' : '',
    size.width < 200 ? 'tile-small' : '',
  ];
  const label = isScreen ? call.screenOf(name) : name;
  return (
    <figure
      className={kinds.join(' ')}
      style={{ inlineSize: size.width, blockSize: size.height }}
      aria-label={label}
    >
      <MovingPicture track={video} />
      {video === null && (
        <span className="tile-initials" aria-hidden="true">
          {initialsOf(name)}
        </span>
      )}
      <figcaption className="tile-name">
        {isMuted && <MicOff size={14} aria-label={call.isMuted} />}
        <bdi>{isScreen ? label : isMe ? call.you(name) : name}</bdi>
        {!isScreen && <PersonBars participant={participant.id} />}
      </figcaption>
      {hand && !isScreen && (
        <span className="tile-hand">
          <Hand size={18} aria-label={call.handRaised} />
        </span>
      )}
      {reaction !== null && <span className="tile-reaction">{reaction}</span>}
      {onPin !== undefined && (
        <span className="tile-pin">
          <IconButton
            label={isPinned ? call.unpin(label) : call.pin(label)}
            icon={isPinned ? <PinOff size={16} /> : <Pin size={16} />}
            onPress={onPin}
          />
        </span>
      )}
    </figure>
  );
}
