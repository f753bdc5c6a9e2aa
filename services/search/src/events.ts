import { type EventHandler, on } from '@tandem/common';
import { userRegistered } from './contracts/auth.ts';
import { roomChanged, roomClosed, roomCreated, roomInvited, roomUninvited } from './contracts/rooms.ts';
import { userRenamed } from './contracts/users.ts';
import { entryId } from './kinds.ts';
import { remove, setMember, setText } from './store.ts';

/** What other services tell, as changes of what can be found. In any order, and as often as it comes. */
export function handlers(): EventHandler[] {
  return [
    // Two services name people, and their sequences cannot be compared: what `users` says counts more.
    on(userRegistered, ({ data: { id, name }, change }) =>
      setText(change, { id: entryId('person', id), text: name, everybody: true }),
    ),
    on(userRenamed, ({ data: { id, name }, sequence, change }) =>
      setText(change, { id: entryId('person', id), text: name, sequence, everybody: true }),
    ),
    on(roomCreated, ({ data: { id, name, ownerId }, sequence, change }) =>
      setText(change, { id: entryId('room', id), text: name, sequence, everybody: false, users: [ownerId] }),
    ),
    on(roomChanged, async ({ data: { id, name }, sequence, change }) => {
      if (name !== undefined)
        await setText(change, { id: entryId('room', id), text: name, sequence, everybody: false });
    }),
    on(roomClosed, ({ data: { id }, change }) => remove(change, entryId('room', id))),
    on(roomInvited, async ({ data: { roomId, userId }, sequence, change }) => {
      if (userId !== null)
        await setMember(change, { id: entryId('room', roomId), user: userId, may: true, sequence });
    }),
    on(roomUninvited, async ({ data: { roomId, userId }, sequence, change }) => {
      if (userId !== null)
        await setMember(change, { id: entryId('room', roomId), user: userId, may: false, sequence });
    }),
  ];
}
