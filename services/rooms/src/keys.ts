/** Where things are in the service's Redis; README.md says what they hold. */
export const roomKey = (id: string) => `room:${id}`;
export const moderatorsKey = (id: string) => `room:${id}:moderators`;
export const invitationsKey = (id: string) => `room:${id}:invitations`;
export const invitedKey = (id: string) => `room:${id}:invited`;
export const lobbyKey = (id: string) => `room:${id}:lobby`;
export const lobbyNamesKey = (id: string) => `room:${id}:lobby-names`;
export const admittedKey = (id: string) => `room:${id}:admitted`;
export const refusedKey = (id: string) => `room:${id}:refused`;
export const listKey = (userId: string) => `rooms-of:${userId}`;
export const counterKey = (userId: string) => `rooms-of:${userId}:counter`;
export const ownedKey = (userId: string) => `owned-by:${userId}`;
export const upcomingKey = (userId: string) => `upcoming-of:${userId}`;
