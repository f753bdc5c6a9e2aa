import { Plus, Trash2, UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { Link } from 'react-aria-components';
import type { Room } from '../api/rooms.ts';
import type { Person } from '../api/session.ts';
import { useLanguage, useMessages } from '../i18n/language.tsx';
import { useServices } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { useTask } from '../ui/use-task.ts';
import { CopyLink } from './copy-link.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { NewRoomDialog } from './new-room-dialog.tsx';
import { pathOfRoom } from './room-address.ts';
import './my-rooms.css';

type Open = { what: 'new' } | { what: 'invite' | 'close'; room: Room } | null;

/** The rooms that one owns or was invited to, those with a time first, and what can be done with them. */
export function MyRooms({ person }: { person: Person }) {
  const messages = useMessages();
  const { start, common } = messages;
  const { rooms } = useServices();
  const load = useCallback((signal: AbortSignal) => loadRooms(rooms, signal), [rooms]);
  const list = useAnswer(load);
  const [open, setOpen] = useState<Open>(null);
  const end = () => {
    setOpen(null);
    list.ask();
  };
  return (
    <>
      <div className="rooms-head">
        <h2>{start.yourRooms}</h2>
        <Button kind="primary" icon={<Plus size={18} />} onPress={() => setOpen({ what: 'new' })}>
          {start.newRoom}
        </Button>
      </div>
      {list.error !== null && (
        <Notice tone="fault">
          {problemText(list.error, messages)}{' '}
          <Button kind="quiet" onPress={list.ask}>
            {common.tryAgain}
          </Button>
        </Notice>
      )}
      {list.value === null && list.error === null && <Notice>{common.loading}</Notice>}
      {list.value?.length === 0 && <p className="rooms-none">{start.noRooms}</p>}
      <ul className="rooms">
        {list.value?.map((room) => (
          <RoomRow
            key={room.id}
            room={room}
            onInvite={() => setOpen({ what: 'invite', room })}
            onClose={() => setOpen({ what: 'close', room })}
          />
        ))}
      </ul>
      {open?.what === 'new' && (
        <NewRoomDialog person={person} onEnd={end} onMade={(room) => setOpen({ what: 'invite', room })} />
      )}
      {open?.what === 'invite' && <InviteDialog room={open.room} onEnd={end} />}
      {open?.what === 'close' && <CloseDialog room={open.room} onEnd={end} />}
    </>
  );
}

function RoomRow({ room, onInvite, onClose }: { room: Room; onInvite(): void; onClose(): void }) {
  const { start } = useMessages();
  const path = pathOfRoom({ room: room.id, code: null });
  return (
    <li className="room-row">
      <Link href={path} className="room-name">
        {room.name}
        <span className="room-time">
          <RoomTime room={room} />
        </span>
      </Link>
      <CopyLink path={path} />
      {room.mine && (
        <>
          <IconButton label={start.invite} icon={<UserPlus size={18} />} onPress={onInvite} />
          <IconButton label={start.closeRoom} icon={<Trash2 size={18} />} onPress={onClose} />
        </>
      )}
    </li>
  );
}

function RoomTime({ room: { startsAt, minutes } }: { room: Room }) {
  const { start } = useMessages();
  const { language } = useLanguage();
  if (startsAt === null) return start.noTime;
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const begin = new Date(startsAt);
  return minutes === null
    ? format.format(begin)
    : format.formatRange(begin, new Date(begin.getTime() + minutes * 60_000));
}

function CloseDialog({ room, onEnd }: { room: Room; onEnd(): void }) {
  const messages = useMessages();
  const { start, common } = messages;
  const { rooms } = useServices();
  const task = useTask();
  return (
    <Dialog title={start.closeSure(room.name)} onClose={onEnd}>
      {task.error !== null && <Notice tone="fault">{problemText(task.error, messages)}</Notice>}
      <div className="dialog-actions">
        <Button onPress={onEnd}>{common.cancel}</Button>
        <Button
          kind="danger"
          pending={task.pending}
          onPress={() =>
            task.run(async () => {
              await rooms.close(room.id);
              onEnd();
            })
          }
        >
          {start.closeRoom}
        </Button>
      </div>
    </Dialog>
  );
}

async function loadRooms(
  rooms: { upcoming(signal: AbortSignal): Promise<Room[]>; latest(signal: AbortSignal): Promise<Room[]> },
  signal: AbortSignal,
): Promise<Room[]> {
  const [upcoming, latest] = await Promise.all([rooms.upcoming(signal), rooms.latest(signal)]);
  const all = new Map([...upcoming, ...latest].map((room) => [room.id, room]));
  return [...all.values()].filter(({ closedAt }) => closedAt === null);
}
