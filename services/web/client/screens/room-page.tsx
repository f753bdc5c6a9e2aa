import { useState } from 'react';
import { useDevices } from '../devices/use-devices.ts';
import { useMessages } from '../i18n/language.tsx';
import { usePerson } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { AccountForm } from './account-form.tsx';
import { Header } from './header.tsx';
import { PreJoin } from './pre-join.tsx';
import { codeOf } from './room-address.ts';
import { useJoin } from './use-join.ts';
import './room-page.css';

/** A room: the look in the mirror, the lobby, and the call. */
export function RoomPage({ room }: { room: string }) {
  const messages = useMessages();
  const [code] = useState(() => codeOf(location.hash));
  const { joining, join, leave } = useJoin(room, code);
  const own = useDevices();
  const [speaker, setSpeaker] = useState('');
  const [signingIn, setSigningIn] = useState(false);
  if (own === null) return <Header />;
  if (joining.step === 'lobby') return <Lobby onLeave={leave} />;
  return (
    <>
      <Header />
      <PreJoin
        devices={own.devices}
        state={own.state}
        speaker={speaker}
        onSpeaker={setSpeaker}
        pending={joining.step === 'asking'}
        onJoin={join}
        onSignIn={() => setSigningIn(true)}
      >
        {joining.step === 'outside' && joining.error !== null && (
          <Notice tone="fault">
            {problemText(joining.error, messages, {
              'room-not-found': messages.room.missing,
              'room-closed': messages.room.closed,
              'not-invited': messages.room.notInvited,
              'guests-not-welcome': messages.room.noGuests,
              'invalid-request': messages.room.missing,
              refused: messages.room.refused,
            })}
          </Notice>
        )}
      </PreJoin>
      {signingIn && <SignIn onEnd={() => setSigningIn(false)} />}
    </>
  );
}

function Lobby({ onLeave }: { onLeave(): void }) {
  const { room } = useMessages();
  return (
    <>
      <Header />
      <main className="lobby">
        <div className="lobby-pulse" aria-hidden="true" />
        <h1>{room.lobbyTitle}</h1>
        <p role="status">{room.lobbyText}</p>
        <Button onPress={onLeave}>{room.leaveLobby}</Button>
      </main>
    </>
  );
}

/** Goes away by itself once somebody has signed in. */
function SignIn({ onEnd }: { onEnd(): void }) {
  const { account } = useMessages();
  const person = usePerson();
  if (person !== null && person.email !== null) return null;
  return (
    <Dialog title={account.signIn} onClose={onEnd}>
      <AccountForm />
    </Dialog>
  );
}
