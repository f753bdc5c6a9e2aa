import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import type { CallState } from '../call/call.ts';
import { useDevices } from '../devices/use-devices.ts';
import { useMessages } from '../i18n/language.tsx';
import { usePerson, usePresence, useServices } from '../services.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { problemText } from '../ui/problem-text.ts';
import { useAnswer } from '../ui/use-answer.ts';
import { useTitle } from '../ui/use-title.ts';
import { AccountForm } from './account-form.tsx';
import { Header } from './header.tsx';
import { PreJoin } from './pre-join.tsx';
import { codeOf } from './room-address.ts';
import { useJoin } from './use-join.ts';
import './room-page.css';

/** What a call needs is most of the client: it comes while somebody looks into the mirror. */
const loadCall = () => import('./call/call-screen.tsx');
const CallScreen = lazy(loadCall);

/** A room: the look in the mirror, the lobby, and the call. */
export function RoomPage({ room }: { room: string }) {
  const messages = useMessages();
  const [code] = useState(() => codeOf(location.hash));
  const { joining, join, leave } = useJoin(room, code);
  const own = useDevices();
  const [speaker, setSpeaker] = useState('');
  const [signingIn, setSigningIn] = useState(false);
  const [over, setOver] = useState<CallState['over']>(null);
  const { rooms } = useServices();
  const person = usePerson();
  // Whoever has no session yet learns the name inside.
  const isKnown = person !== null;
  const about = useAnswer(
    useCallback(
      (signal) => (isKnown ? rooms.get(room, signal) : Promise.resolve(null)),
      [rooms, room, isKnown],
    ),
  );
  const name = about.value?.name ?? null;
  useTitle(name);
  usePresence(joining.step === 'inside' ? 'in-call' : 'here');
  useEffect(() => void loadCall().catch(() => undefined), []);
  if (own === null) return <Header />;
  if (joining.step === 'lobby') return <Lobby onLeave={leave} />;
  if (joining.step === 'inside') {
    return (
      <Suspense fallback={<Header />}>
        <CallScreen
          devices={own.devices}
          own={own.state}
          grant={joining.grant}
          renew={() => rooms.join(room, code)}
          speaker={speaker}
          onSpeaker={setSpeaker}
          onOver={({ reason, problem }) => {
            setOver({ reason, problem });
            leave();
          }}
        />
      </Suspense>
    );
  }
  return (
    <>
      <Header />
      <PreJoin
        name={name}
        devices={own.devices}
        state={own.state}
        speaker={speaker}
        onSpeaker={setSpeaker}
        pending={joining.step === 'asking'}
        onJoin={(name) => {
          setOver(null);
          join(name);
        }}
        onSignIn={() => setSigningIn(true)}
      >
        {joining.step === 'outside' && over !== null && <Over {...over} />}
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

/** How the call that one was in has ended. */
function Over({ reason, problem }: NonNullable<CallState['over']>) {
  const messages = useMessages();
  const { call } = messages;
  const texts = { left: call.youLeft, removed: call.removed, replaced: call.replaced };
  return (
    <Notice tone={reason === 'left' ? 'info' : 'fault'}>
      {reason === 'refused' ? problemText(problem, messages) : texts[reason]}
    </Notice>
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
