import { Hand, LogOut, MessageSquare, MonitorUp, MonitorX, Settings2, SmilePlus, Users } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import type { Grant } from '../../api/rooms.ts';
import type { Call, CallState } from '../../call/call.ts';
import { useCall } from '../../call/use-call.ts';
import { DeviceButton } from '../../devices/device-button.tsx';
import { DeviceChoices } from '../../devices/device-choices.tsx';
import { DeviceFaults } from '../../devices/device-faults.tsx';
import type { Devices, DevicesState } from '../../devices/devices.ts';
import { useMessages } from '../../i18n/language.tsx';
import { useServices } from '../../services.tsx';
import { Badged } from '../../ui/badged.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Announcements } from './announcements.tsx';
import { columnsFor } from './grid.ts';
import { ChatPanel } from './panels/chat-panel.tsx';
import { People } from './people.tsx';
import { Tile } from './tile.tsx';
import { Voices } from './voices.tsx';
import './call-screen.css';

const emojis = ['👏', '👍', '❤️', '😂', '😮', '🎉'];
const gap = 8;

/** The call: everybody's picture, and what one can do. */
export function CallScreen({
  devices,
  own,
  grant,
  renew,
  speaker,
  onSpeaker,
  onOver,
}: {
  devices: Devices;
  own: DevicesState;
  grant: Grant;
  renew(): Promise<Grant>;
  speaker: string;
  onSpeaker(id: string): void;
  onOver(over: NonNullable<CallState['over']>): void;
}) {
  const { session } = useServices();
  const begun = useCall(devices, session.person?.id ?? '', grant, renew);
  const over = begun?.state.over ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => {
    if (over !== null) onOver(over);
  }, [over]);
  if (begun === null) return null;
  return (
    <InCall
      {...begun}
      devices={devices}
      own={own}
      name={grant.room.name}
      speaker={speaker}
      onSpeaker={onSpeaker}
    />
  );
}

function InCall({
  call,
  state,
  devices,
  own,
  name,
  speaker,
  onSpeaker,
}: {
  call: Call;
  state: CallState;
  devices: Devices;
  own: DevicesState;
  name: string;
  speaker: string;
  onSpeaker(id: string): void;
}) {
  const { call: texts, chat: chatTexts, devices: deviceTexts } = useMessages();
  const [open, setOpen] = useState<'devices' | 'people' | 'chat' | null>(null);
  const chat = useSyncExternalStore(call.chat.subscribe, () => call.chat.state);
  const me = state.participants.find(({ id }) => id === state.me);
  const maySend = state.permissions.includes('send');
  const mayShare = state.permissions.includes('share-screen');
  return (
    <main className="call">
      <h1 className="visually-hidden">{name}</h1>
      {state.line === 'reconnecting' && (
        <div className="call-banner" role="status">
          {texts.reconnecting}
        </div>
      )}
      {state.mutedBy !== null && (
        <div className="call-banner">
          <Notice>{texts.mutedBy(state.mutedBy)}</Notice>
          <IconButton
            label={texts.understood}
            icon={<span aria-hidden="true">✓</span>}
            onPress={() => call.dismissMuted()}
          />
        </div>
      )}
      <DeviceFaults state={own} />
      <div className="call-body">
        <Pictures state={state} own={own} />
        {open === 'chat' && (
          <ChatPanel
            chat={call.chat}
            state={chat}
            me={state.participants.find(({ id }) => id === state.me)?.user ?? ''}
            mayWrite={state.permissions.includes('chat')}
            onClose={() => setOpen(null)}
          />
        )}
      </div>
      <Voices received={state.received} speaker={speaker} />
      <Announcements state={state} />
      <footer className="call-controls">
        {maySend && (
          <>
            <DeviceButton kind="microphone" devices={devices} state={own.microphone} />
            <DeviceButton kind="camera" devices={devices} state={own.camera} />
          </>
        )}
        {mayShare && 'getDisplayMedia' in navigator.mediaDevices && (
          <IconButton
            label={state.screen === null ? texts.shareScreen : texts.stopScreen}
            icon={state.screen === null ? <MonitorUp size={20} /> : <MonitorX size={20} />}
            onPress={() =>
              state.screen === null ? void call.shareScreen().catch(() => undefined) : call.stopScreen()
            }
          />
        )}
        <IconButton
          label={me?.hand === true ? texts.lowerHand : texts.raiseHand}
          icon={<Hand size={20} />}
          onPress={() => void call.raiseHand(me?.hand !== true).catch(() => undefined)}
        />
        <MenuTrigger>
          <IconButton label={texts.react} icon={<SmilePlus size={20} />} />
          <Popover className="popover">
            <Menu
              className="call-reactions"
              aria-label={texts.react}
              onAction={(key) => void call.react(String(key)).catch(() => undefined)}
            >
              {emojis.map((emoji) => (
                <MenuItem key={emoji} id={emoji} textValue={emoji} className="option">
                  {emoji}
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
        <IconButton
          label={texts.people(state.participants.length)}
          icon={<Users size={20} />}
          onPress={() => setOpen('people')}
        />
        <Badged count={chat.unread}>
          <IconButton
            label={chat.unread > 0 ? chatTexts.openUnread(chat.unread) : chatTexts.open}
            icon={<MessageSquare size={20} />}
            onPress={() => setOpen(open === 'chat' ? null : 'chat')}
          />
        </Badged>
        <IconButton label={texts.devices} icon={<Settings2 size={20} />} onPress={() => setOpen('devices')} />
        <IconButton
          label={texts.leave}
          tone="danger"
          icon={<LogOut size={20} />}
          onPress={() => call.leave()}
        />
      </footer>
      {open === 'devices' && (
        <Dialog title={deviceTexts.camera} onClose={() => setOpen(null)}>
          <DeviceChoices devices={devices} state={own} speaker={speaker} onSpeaker={onSpeaker} />
        </Dialog>
      )}
      {open === 'people' && <People call={call} state={state} onClose={() => setOpen(null)} />}
    </main>
  );
}

/** A shared screen takes the place, with people beside it; without one everybody is as large as fits. */
function Pictures({ state, own }: { state: CallState; own: DevicesState }) {
  const place = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const of = (peer: string | null, source: string) =>
    state.received.find((each) => each.peer === peer && each.source === source);
  const people = state.participants.map((participant) => {
    const isMe = participant.id === state.me;
    const camera = of(participant.peer, 'camera');
    const microphone = of(participant.peer, 'microphone');
    const reaction = state.reactions.findLast((each) => each.participant === participant.id);
    return (
      <Tile
        key={participant.id}
        name={participant.name}
        isMe={isMe}
        video={isMe ? own.camera.track : camera === undefined || camera.paused ? null : camera.track}
        isMuted={isMe ? own.microphone.track === null : microphone === undefined || microphone.paused}
        isSpeaking={state.speaker === participant.id}
        hand={participant.hand}
        {...(reaction === undefined ? {} : { reaction: reaction.emoji })}
      />
    );
  });
  const screens = state.participants.flatMap((participant) => {
    const isMe = participant.id === state.me;
    const track = isMe ? state.screen : (of(participant.peer, 'screen')?.track ?? null);
    return track === null
      ? []
      : [
          <Tile
            key={`screen-${participant.id}`}
            name={participant.name}
            isMe={isMe}
            isScreen
            video={track}
          />,
        ];
  });
  const columns = columnsFor(people.length, size.width, size.height, gap);
  return (
    <div ref={place} className={screens.length > 0 ? 'pictures pictures-beside' : 'pictures'}>
      {screens.length > 0 && <div className="pictures-screens">{screens}</div>}
      <div
        className="pictures-people"
        style={screens.length > 0 ? {} : { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      >
        {people}
      </div>
    </div>
  );
}
