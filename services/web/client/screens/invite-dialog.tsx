import { X } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { Invitation, Room } from '../api/rooms.ts';
import { useMessages } from '../i18n/language.tsx';
import { type Services, useServices } from '../services.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { useTask } from '../ui/use-task.ts';
import { CopyLink } from './copy-link.tsx';
import { type Chosen, PeopleField } from './people-field.tsx';
import { pathOfRoom } from './room-address.ts';
import './invite-dialog.css';

interface Invited extends Invitation {
  /** Address, or the name of the person. */
  who: string;
}

/** Invites people to a room, by name or by mail, and takes invitations back. */
export function InviteDialog({ room, onEnd }: { room: Room; onEnd(): void }) {
  const messages = useMessages();
  const { invite, start, common } = messages;
  const services = useServices();
  const load = useCallback(
    (signal: AbortSignal) => loadInvited(services, room.id, signal),
    [services, room.id],
  );
  const list = useAnswer(load);
  const task = useTask();
  const [said, setSaid] = useState('');
  const choose = (who: Chosen) =>
    task.run(async () => {
      await services.rooms.invite(room.id, 'email' in who ? { email: who.email } : { userId: who.userId });
      setSaid(invite.invited(who.name));
      list.ask();
    });
  const takeBack = (invitation: Invited) =>
    task.run(async () => {
      await services.rooms.takeBack(room.id, invitation.id);
      setSaid('');
      list.ask();
    });
  return (
    <Dialog title={invite.title(room.name)} onClose={onEnd}>
      <div className="invite-link">
        <span>{start.copyLink}</span>
        <CopyLink path={pathOfRoom({ room: room.id, code: null })} />
      </div>
      <PeopleField onChoose={choose} />
      {task.error !== null && (
        <Notice tone="fault">
          {problemText(task.error, messages, { 'too-many-invitations': invite.limit })}
        </Notice>
      )}
      <p role="status" className="invite-said">
        {said}
      </p>
      <h3 className="invite-title">{invite.list}</h3>
      {list.value?.length === 0 && <p className="rooms-none">{invite.none}</p>}
      <ul className="rooms">
        {list.value?.map((invitation) => (
          <li key={invitation.id} className="room-row">
            <span className="room-name">{invitation.who}</span>
            <IconButton
              label={`${common.remove}: ${invitation.who}`}
              icon={<X size={16} />}
              onPress={() => takeBack(invitation)}
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

async function loadInvited(
  { rooms, people }: Services,
  room: string,
  signal: AbortSignal,
): Promise<Invited[]> {
  const invitations = await rooms.invitations(room, signal);
  const ids = invitations.map(({ userId }) => userId).filter((id) => id !== null);
  const profiles = await people.profiles(ids.slice(-100), signal);
  return invitations.map((invitation) => ({
    ...invitation,
    who: invitation.email ?? profiles.get(invitation.userId ?? '')?.name ?? invitation.userId ?? '',
  }));
}
