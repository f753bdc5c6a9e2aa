import { type EventHandler, on, type ReceivedEvent } from '@tandem/common';
import { userRegistered } from './contracts/auth.ts';
import { roomInvited, roomUninvited } from './contracts/rooms.ts';
import type { Mailer } from './mailer.ts';
import { invitation } from './mails/invitation.ts';
import type { Mail } from './mails/mail.ts';
import { welcome } from './mails/welcome.ts';
import { withdrawal } from './mails/withdrawal.ts';
import type { Store } from './store.ts';

/** Longer than a mail server may stay silent in each step of taking a mail. */
const options = { timeoutMs: 60_000 };

/** Which mail follows from which event, and to whom. */
export function handlers(mailer: Mailer, store: Store, publicUrl: string): EventHandler[] {
  const send = (event: ReceivedEvent<unknown>, to: string, mail: Mail) => mailer.send(mail, to, event);

  /** Null for nobody whom we know of. */
  async function addressOf({ email, userId }: Invited): Promise<string | null> {
    if (email !== null || userId === null) return email;
    const address = await store.addressOf(userId);
    // What tells us the address may come later than what happened afterwards; another attempt will find it.
    if (address === null) throw new Error(`the address of the user ${userId} is not known`);
    return address;
  }

  return [
    on(
      userRegistered,
      async (event) => {
        const { id, email, name } = event.data;
        await store.setAddress(id, email);
        await send(event, email, welcome({ name, publicUrl }));
      },
      options,
    ),
    on(
      roomInvited,
      async (event) => {
        const { invitationId, userId, email, ...rest } = event.data;
        if (await store.isWithdrawn(invitationId)) return;
        const to = await addressOf({ userId, email });
        if (to === null) return;
        await send(event, to, invitation({ ...rest, publicUrl }));
        await store.setMailed(invitationId);
      },
      options,
    ),
    on(
      roomUninvited,
      async (event) => {
        const { invitationId, userId, email = null, roomName = '' } = event.data;
        // Who was never told of the invitation need not be told that it is gone.
        if (!(await store.setWithdrawn(invitationId))) return;
        const to = await addressOf({ userId, email });
        if (to !== null) await send(event, to, withdrawal({ roomName }));
      },
      options,
    ),
  ];
}

interface Invited {
  userId: string | null;
  email: string | null;
}
