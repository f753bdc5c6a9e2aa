import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Grant, Room } from '../../api/rooms.ts';
import type { Call, CallState } from '../../call/call.ts';
import { useCall } from '../../call/use-call.ts';
import { CaptionArea } from '../../captions/caption-area.tsx';
import { useOwnCaptions } from '../../captions/use-own-captions.ts';
import { DeviceChoices } from '../../devices/device-choices.tsx';
import { DeviceFaults } from '../../devices/device-faults.tsx';
import type { Devices, DevicesState } from '../../devices/devices.ts';
import { useMessages } from '../../i18n/language.tsx';
import { QualityProvider } from '../../quality/quality.tsx';
import { QualityPanel } from '../../quality/quality-panel.tsx';
import { useServices } from '../../services.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { useSetting } from '../../ui/use-setting.ts';
import { useTitle } from '../../ui/use-title.ts';
import { CopyLink } from '../copy-link.tsx';
import { pathOfRoom } from '../room-address.ts';
import { Announcements } from './announcements.tsx';
import { Controls } from './controls.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { ChatPanel } from './panels/chat-panel.tsx';
import { PeoplePanel } from './panels/people-panel.tsx';
import type { View } from './pictures.ts';
import { usePushToTalk } from './push-to-talk.ts';
import { Stage } from './stage.tsx';
import { useKeys } from './use-keys.ts';
import { useLobby } from './use-lobby.ts';
import { Voices } from './voices.tsx';
import './call-screen.css';

export interface CallScreenProps {
  devices: Devices;
  own: DevicesState;
  grant: Grant;
  renew(): Promise<Grant>;
  speaker: string;
  onSpeaker(id: string): void;
  onOver(over: NonNullable<CallState['over']>): void;
}

/** What is open beside the pictures, or over them. */
export type Panel = 'chat' | 'people' | 'quality' | 'devices' | 'keys';

/** The call: everybody's picture, and what one can do. */
export default function CallScreen({ grant, renew, onOver, ...props }: CallScreenProps) {
  const { session } = useServices();
  const begun = useCall(props.devices, session.person?.id ?? '', grant, renew);
  const over = begun?.state.over ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => {
    if (over !== null) onOver(over);
  }, [over]);
  if (begun === null) return null;
  return (
    <QualityProvider {...begun} own={props.own} room={grant.room.id}>
      <InCall {...begun} {...props} room={grant.room} />
    </QualityProvider>
  );
}

function InCall({
  call,
  state,
  devices,
  own,
  room,
  speaker,
  onSpeaker,
}: Omit<CallScreenProps, 'grant' | 'renew' | 'onOver'> & { call: Call; state: CallState; room: Room }) {
  const { call: texts, people, captions: captionTexts, devices: deviceTexts } = useMessages();
  const [open, setOpen] = useState<Panel | null>(null);
  const [view, setView] = useState<View>('grid');
  const chat = useSyncExternalStore(call.chat.subscribe, () => call.chat.state);
  useTitle(chat.unread > 0 ? `(${chat.unread}) ${room.name}` : room.name);
  const maySend = state.permissions.includes('send');
  const lobby = useLobby(room.id, state.permissions.includes('moderate'));
  const pushToTalk = usePushToTalk(devices, own, maySend);
  const [showsCaptions, turnCaptions] = useSetting('tandem.captions');
  const ownCaptions = useOwnCaptions(call, maySend && own.microphone.wanted);
  const toggle = (panel: Panel) => setOpen((former) => (former === panel ? null : panel));
  const close = () => setOpen(null);
  const [hasKeys, turnKeys] = useSetting('tandem.keys');
  useKeys(
    hasKeys
      ? {
          ...(maySend && {
            m: () => void devices.turn('microphone', !own.microphone.wanted),
            v: () => void devices.turn('camera', !own.camera.wanted),
          }),
          h: () => call.raiseHand(!state.hand),
          c: () => toggle('chat'),
          p: () => toggle('people'),
          '?': () => toggle('keys'),
        }
      : {},
    pushToTalk.hold,
  );
  return (
    <main className="call">
      <h1 className="visually-hidden">{room.name}</h1>
      {state.line === 'reconnecting' && (
        <div className="call-banner" role="status">
          {texts.reconnecting}
        </div>
      )}
      {state.mutedBy !== null && (
        <div className="call-banner">
          <Notice>{texts.mutedBy(state.mutedBy)}</Notice>
          <Understood onPress={() => call.dismissMuted()} />
        </div>
      )}
      {ownCaptions.hasFailed && (
        <div className="call-banner">
          <Notice tone="fault">{captionTexts.failed}</Notice>
          <Understood onPress={() => ownCaptions.turn(false)} />
        </div>
      )}
      <DeviceFaults state={own} />
      <div className="call-body">
        <Stage call={call} state={state} own={own} view={view} />
        {state.me !== '' && state.participants.length === 1 && open === null && (
          <div className="call-alone">
            <span>{people.alone}</span>
            <CopyLink path={pathOfRoom({ room: room.id, code: null })} />
          </div>
        )}
        {showsCaptions && <CaptionArea captions={call.captions} />}
        {pushToTalk.isTalking && <p className="call-talking">{texts.talking}</p>}
        {open === 'chat' && (
          <ChatPanel
            chat={call.chat}
            state={chat}
            me={state.participants.find(({ id }) => id === state.me)?.user ?? ''}
            mayWrite={state.permissions.includes('chat')}
            onClose={close}
          />
        )}
        {open === 'people' && (
          <PeoplePanel call={call} state={state} room={room} lobby={lobby} onClose={close} />
        )}
        {open === 'quality' && <QualityPanel state={state} onClose={close} />}
      </div>
      <Voices received={state.received} speaker={speaker} />
      <Announcements state={state} waiting={lobby.waiting} />
      <Controls
        call={call}
        state={state}
        devices={devices}
        own={own}
        unread={chat.unread}
        waiting={lobby.waiting.length}
        view={view}
        onView={setView}
        captions={{ isOn: showsCaptions, turn: turnCaptions }}
        ownCaptions={ownCaptions}
        open={open}
        onToggle={toggle}
      />
      {open === 'devices' && (
        <Dialog title={deviceTexts.title} onClose={close}>
          <DeviceChoices devices={devices} state={own} speaker={speaker} onSpeaker={onSpeaker} />
        </Dialog>
      )}
      {open === 'keys' && (
        <KeysDialog keys={{ isOn: hasKeys, turn: turnKeys }} pushToTalk={pushToTalk} onClose={close} />
      )}
    </main>
  );
}

function Understood({ onPress }: { onPress(): void }) {
  const { call } = useMessages();
  return <IconButton label={call.understood} icon={<span aria-hidden="true">✓</span>} onPress={onPress} />;
}
