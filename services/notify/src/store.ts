import type { Redis } from '@tandem/common';

/** What notify remembers between events, in its own Redis. */
export interface Store {
  addressOf(userId: string): Promise<string | null>;
  setAddress(userId: string, address: string): Promise<void>;
  /** The mail about an invitation was sent. */
  setMailed(invitationId: string): Promise<void>;
  isWithdrawn(invitationId: string): Promise<boolean>;
  /** No mail about the invitation is to be sent any more. @returns whether one was sent before */
  setWithdrawn(invitationId: string): Promise<boolean>;
}

/** Who takes back an invitation that is older tells the invited in another way. */
const KEEP_INVITATION_S = 90 * 24 * 60 * 60;

export function createStore(redis: Redis): Store {
  async function mark(invitationId: string, field: 'mailed' | 'withdrawn'): Promise<void> {
    const key = invitationKey(invitationId);
    await redis.multi().hset(key, field, '1').expire(key, KEEP_INVITATION_S).exec();
  }
  const isMarked = async (invitationId: string, field: 'mailed' | 'withdrawn') =>
    (await redis.hexists(invitationKey(invitationId), field)) === 1;

  return {
    addressOf: (userId) => redis.get(addressKey(userId)),
    async setAddress(userId, address) {
      await redis.set(addressKey(userId), address);
    },
    setMailed: (invitationId) => mark(invitationId, 'mailed'),
    isWithdrawn: (invitationId) => isMarked(invitationId, 'withdrawn'),
    async setWithdrawn(invitationId) {
      await mark(invitationId, 'withdrawn');
      return isMarked(invitationId, 'mailed');
    },
  };
}

const addressKey = (userId: string) => `address:${userId}`;
const invitationKey = (id: string) => `invitation:${id}`;
