import type { Standing } from './members.ts';
import { guestsNotWelcome, notInvited, refused } from './problems.ts';
import type { Permission, Room } from './room.ts';

export type Role = 'moderator' | 'participant' | 'lobby';

/**
 * What somebody who wants to enter becomes. An invitation opens what the settings close; a moderator's refusal closes what
 * they open.
 *
 * @throws Problem guests-not-welcome, not-invited or refused
 */
export function roleOf(room: Room, user: { id: string; guest: object | null }, standing: Standing): Role {
  if (room.ownerId === user.id || standing.moderator) return 'moderator';
  if (standing.refused) throw refused();
  if (standing.invited || standing.admitted) return 'participant';
  const { entry, guests } = room.settings;
  if (user.guest !== null && !guests) throw guestsNotWelcome();
  if (entry === 'invited') throw notInvited();
  return entry === 'lobby' ? 'lobby' : 'participant';
}

/** What is not named is denied. In the lobby one hears and sees nothing, and only learns of being let in. */
export function permissionsOf(room: Room, role: Role): Permission[] {
  switch (role) {
    case 'moderator':
      return ['receive', 'send', 'share-screen', 'chat', 'moderate'];
    case 'participant':
      return ['receive', ...room.settings.participantsMay];
    case 'lobby':
      return [];
  }
}
