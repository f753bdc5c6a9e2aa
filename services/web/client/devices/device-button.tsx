import { Camera, CameraOff, Mic, MicOff } from 'lucide-react';
import { useMessages } from '../i18n/language.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import type { DeviceKind, DeviceState, Devices } from './devices.ts';

/** Turns camera or microphone on and off. */
export function DeviceButton({
  kind,
  devices,
  state,
}: {
  kind: DeviceKind;
  devices: Devices;
  state: DeviceState;
}) {
  const { devices: texts } = useMessages();
  const isOn = state.wanted && state.fault === null;
  const [OnIcon, OffIcon] = kind === 'camera' ? [Camera, CameraOff] : [Mic, MicOff];
  const label =
    kind === 'camera'
      ? isOn
        ? texts.cameraOff
        : texts.cameraOn
      : isOn
        ? texts.microphoneOff
        : texts.microphoneOn;
  return (
    <IconButton
      label={label}
      tone={isOn ? 'plain' : 'off'}
      icon={isOn ? <OnIcon size={20} /> : <OffIcon size={20} />}
      onPress={() => void devices.turn(kind, !isOn)}
    />
  );
}
