import { Hand, MicOff, UserX } from 'lucide-react';
import type { Call, CallState } from '../../call/call.ts';
import { useMessages } from '../../i18n/language.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import '../my-rooms.css';

/** Who is in the call, and what moderators can do about it. */
export function People({ call, state, onClose }: { call: Call; state: CallState; onClose(): void }) {
  const { call: texts } = useMessages();
  const mayModerate = state.permissions.includes('moderate');
  return (
    <Dialog title={texts.people(state.participants.length)} onClose={onClose}>
      <ul className="rooms">
        {state.participants.map(({ id, name, role, hand }) => (
          <li key={id} className="room-row">
            <span className="room-name">
              {id === state.me ? texts.you(name) : name}
              {role === 'moderator' && <span className="room-time">{texts.moderator}</span>}
            </span>
            {hand && <Hand size={18} aria-label={texts.handRaised} />}
            {mayModerate && id !== state.me && (
              <>
                <IconButton
                  label={texts.mute(name)}
                  icon={<MicOff size={16} />}
                  onPress={() => void call.mute(id).catch(() => undefined)}
                />
                <IconButton
                  label={texts.remove(name)}
                  icon={<UserX size={16} />}
                  onPress={() => void call.remove(id).catch(() => undefined)}
                />
              </>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
