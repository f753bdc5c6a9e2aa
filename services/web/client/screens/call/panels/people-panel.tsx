import { Crown, Hand, MicOff, UserPlus, UserX } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { Room } from '../../../api/rooms.ts';
import type { Call, CallState } from '../../../call/call.ts';
import { useMessages } from '../../../i18n/language.tsx';
import { PersonBars } from '../../../quality/quality.tsx';
import { useServices } from '../../../services.tsx';
import { Button } from '../../../ui/button.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { problemText } from '../../../ui/problem-text.ts';
import { Toggle } from '../../../ui/toggle.tsx';
import { useAnswer } from '../../../ui/use-answer.ts';
import { useTask } from '../../../ui/use-task.ts';
import { CopyLink } from '../../copy-link.tsx';
import { InviteDialog } from '../../invite-dialog.tsx';
import { pathOfRoom } from '../../room-address.ts';
import type { useLobby } from '../use-lobby.ts';
import { SidePanel } from './side-panel.tsx';
import { WaitingList } from './waiting-list.tsx';
import './people-panel.css';

/** Who is in the call and in front of it, and what moderators can do about it. */
export function PeoplePanel({
  call,
  state,
  room,
  lobby,
  onClose,
}: {
  call: Call;
  state: CallState;
  room: Room;
  lobby: ReturnType<typeof useLobby>;
  onClose(): void;
}) {
  const messages = useMessages();
  const { call: texts, people, start } = messages;
  const { rooms } = useServices();
  const task = useTask();
  const [inviting, setInviting] = useState(false);
  const mayModerate = state.permissions.includes('moderate');
  const remove = async (id: string, user: string) => {
    // First the door, so that they do not come back through it.
    await rooms.decide(room.id, user, false);
    await call.remove(id);
  };
  const promote = async (id: string, user: string) => {
    await rooms.makeModerator(room.id, user);
    await call.tellRights(id);
  };
  return (
    <SidePanel title={texts.people(state.participants.length)} onClose={onClose}>
      <div className="people-tools">
        {mayModerate && (
          <Button icon={<UserPlus size={18} />} onPress={() => setInviting(true)}>
            {start.invite}
          </Button>
        )}
        <CopyLink path={pathOfRoom({ room: room.id, code: null })} />
      </div>
      {mayModerate && <Lock room={room} />}
      {task.error !== null && (
        <Notice tone="fault">
          {problemText(task.error, messages, { 'user-not-found': people.guestsCannot })}
        </Notice>
      )}
      <div className="people-lists">
        <WaitingList lobby={lobby} />
        <ul className="people" aria-label={texts.people(state.participants.length)}>
          {state.participants.map(({ id, user, name, role, hand }) => (
            <li key={id} className="people-row">
              <span className="people-name">
                <bdi>{id === state.me ? texts.you(name) : name}</bdi>
                {role === 'moderator' && <span className="people-role">{texts.moderator}</span>}
              </span>
              <PersonBars participant={id} />
              {hand && <Hand size={18} aria-label={texts.handRaised} />}
              {mayModerate && id !== state.me && (
                <>
                  <IconButton
                    label={texts.mute(name)}
                    icon={<MicOff size={16} />}
                    onPress={() => task.run(() => call.mute(id))}
                  />
                  {room.mine && role !== 'moderator' && (
                    <IconButton
                      label={people.makeModerator(name)}
                      icon={<Crown size={16} />}
                      onPress={() => task.run(() => promote(id, user))}
                    />
                  )}
                  {role !== 'moderator' && (
                    <IconButton
                      label={texts.remove(name)}
                      icon={<UserX size={16} />}
                      onPress={() => task.run(() => remove(id, user))}
                    />
                  )}
                </>
              )}
            </li>
          ))}
        </ul>
      </div>
      {inviting && <InviteDialog room={room} onEnd={() => setInviting(false)} />}
    </SidePanel>
  );
}

/** Locked, a room lets nobody in but those who were invited or are inside already. */
function Lock({ room }: { room: Room }) {
  const messages = useMessages();
  const { people } = messages;
  const { rooms } = useServices();
  const task = useTask();
  const now = useAnswer(useCallback((signal) => rooms.get(room.id, signal), [rooms, room.id]));
  // What it was before it was locked here; one that was made so is opened to those whom a moderator admits.
  const [unlocked, setUnlocked] = useState(room.settings.entry === 'invited' ? 'lobby' : room.settings.entry);
  const entry = now.value?.settings.entry ?? room.settings.entry;
  const turn = async (isLocked: boolean) => {
    if (isLocked && entry !== 'invited') setUnlocked(entry);
    await rooms.setEntry(room.id, isLocked ? 'invited' : unlocked);
    now.ask();
  };
  return (
    <>
      <Toggle
        isSelected={entry === 'invited'}
        isDisabled={task.pending || now.value === null}
        onChange={(isLocked) => task.run(() => turn(isLocked))}
      >
        {people.lock}
      </Toggle>
      {task.error !== null && <Notice tone="fault">{problemText(task.error, messages)}</Notice>}
    </>
  );
}
