import {
  Captions,
  CaptionsOff,
  Ellipsis,
  Hand,
  Keyboard,
  LayoutGrid,
  LogOut,
  MessageSquare,
  MessageSquareQuote,
  MonitorUp,
  MonitorX,
  Presentation,
  Settings2,
  SmilePlus,
  Users,
} from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import type { Call, CallState } from '../../call/call.ts';
import { DeviceButton } from '../../devices/device-button.tsx';
import type { Devices, DevicesState } from '../../devices/devices.ts';
import { useMessages } from '../../i18n/language.tsx';
import { QualityButton } from '../../quality/quality.tsx';
import { Badged } from '../../ui/badged.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import type { Panel } from './call-screen.tsx';
import type { View } from './pictures.ts';
import './controls.css';

/** Something that is turned on and off in the menu. */
interface Switch {
  isOn: boolean;
  turn(on: boolean): void;
}

const emojis = ['👏', '👍', '❤️', '😂', '😮', '🎉'];

/** The buttons below the pictures. */
export function Controls({
  call,
  state,
  devices,
  own,
  unread,
  waiting,
  view,
  onView,
  captions,
  ownCaptions,
  open,
  onToggle,
}: {
  call: Call;
  state: CallState;
  devices: Devices;
  own: DevicesState;
  unread: number;
  /** How many are in the lobby. */
  waiting: number;
  view: View;
  onView(view: View): void;
  captions: Switch;
  ownCaptions: Switch & { canDo: boolean };
  open: Panel | null;
  onToggle(panel: Panel): void;
}) {
  const { call: texts, chat, captions: captionTexts } = useMessages();
  const mayShare = state.permissions.includes('share-screen') && 'getDisplayMedia' in navigator.mediaDevices;
  return (
    <footer className="controls">
      {state.permissions.includes('send') && (
        <>
          <DeviceButton kind="microphone" devices={devices} state={own.microphone} />
          <DeviceButton kind="camera" devices={devices} state={own.camera} />
        </>
      )}
      {mayShare && (
        <IconButton
          label={state.screen === null ? texts.shareScreen : texts.stopScreen}
          tone={state.screen === null ? 'plain' : 'on'}
          icon={state.screen === null ? <MonitorUp size={20} /> : <MonitorX size={20} />}
          onPress={() =>
            state.screen === null ? void call.shareScreen().catch(() => undefined) : call.stopScreen()
          }
        />
      )}
      <IconButton
        label={state.hand ? texts.lowerHand : texts.raiseHand}
        tone={state.hand ? 'on' : 'plain'}
        icon={<Hand size={20} />}
        onPress={() => call.raiseHand(!state.hand)}
      />
      <MenuTrigger>
        <IconButton label={texts.react} icon={<SmilePlus size={20} />} />
        <Popover className="popover">
          <Menu
            className="controls-reactions"
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
      <Badged count={unread}>
        <IconButton
          label={unread > 0 ? chat.openUnread(unread) : chat.open}
          tone={open === 'chat' ? 'on' : 'plain'}
          icon={<MessageSquare size={20} />}
          onPress={() => onToggle('chat')}
        />
      </Badged>
      <Badged count={waiting}>
        <IconButton
          label={texts.people(state.participants.length)}
          tone={open === 'people' ? 'on' : 'plain'}
          icon={<Users size={20} />}
          onPress={() => onToggle('people')}
        />
      </Badged>
      <QualityButton isOpen={open === 'quality'} onPress={() => onToggle('quality')} />
      <MenuTrigger>
        <IconButton label={texts.more} icon={<Ellipsis size={20} />} />
        <Popover className="popover">
          <Menu className="options" aria-label={texts.more}>
            <MenuItem className="option" onAction={() => onView(view === 'grid' ? 'speaker' : 'grid')}>
              {view === 'grid' ? <Presentation size={18} /> : <LayoutGrid size={18} />}
              {view === 'grid' ? texts.speakerView : texts.gridView}
            </MenuItem>
            <MenuItem className="option" onAction={() => captions.turn(!captions.isOn)}>
              {captions.isOn ? <CaptionsOff size={18} /> : <Captions size={18} />}
              {captions.isOn ? captionTexts.hide : captionTexts.show}
            </MenuItem>
            {ownCaptions.canDo && state.permissions.includes('send') && (
              <MenuItem
                className="option"
                textValue={ownCaptions.isOn ? captionTexts.stopOwn : captionTexts.own}
                onAction={() => ownCaptions.turn(!ownCaptions.isOn)}
              >
                <MessageSquareQuote size={18} />
                <span>
                  <Text slot="label">{ownCaptions.isOn ? captionTexts.stopOwn : captionTexts.own}</Text>
                  {!ownCaptions.isOn && (
                    <Text slot="description" className="option-hint">
                      {captionTexts.ownHint}
                    </Text>
                  )}
                </span>
              </MenuItem>
            )}
            <MenuItem className="option" onAction={() => onToggle('devices')}>
              <Settings2 size={18} />
              {texts.devices}
            </MenuItem>
            <MenuItem className="option" onAction={() => onToggle('keys')}>
              <Keyboard size={18} />
              {texts.keys}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <IconButton
        label={texts.leave}
        tone="danger"
        icon={<LogOut size={20} />}
        onPress={() => call.leave()}
      />
    </footer>
  );
}
