import { Volume2 } from 'lucide-react';
import { useState } from 'react';
import { useMessages } from '../i18n/language.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import type { DeviceKind, Devices, DevicesState } from './devices.ts';
import { LevelMeter } from './level-meter.tsx';
import { playTestTone } from './test-tone.ts';

/** Which camera, microphone and loudspeaker; also to be changed in the middle of a call. */
export function DeviceChoices({
  devices,
  state,
  speaker,
  onSpeaker,
}: {
  devices: Devices;
  state: DevicesState;
  /** Id of the loudspeaker; empty for the system's own. */
  speaker: string;
  onSpeaker(id: string): void;
}) {
  const { devices: texts } = useMessages();
  const [sounding, setSounding] = useState(false);
  const speakers = optionsOf(state.list, 'audiooutput');
  const chooser = (kind: DeviceKind, label: string) => (
    <Choice
      label={label}
      options={optionsOf(state.list, kind === 'camera' ? 'videoinput' : 'audioinput')}
      selected={state[kind].deviceId}
      placeholder={texts.none}
      onSelect={(id) => void devices.choose(kind, id)}
    />
  );
  const test = async () => {
    if (sounding) return;
    setSounding(true);
    try {
      await playTestTone(speaker);
    } finally {
      setSounding(false);
    }
  };
  return (
    <>
      {chooser('camera', texts.camera)}
      {chooser('microphone', texts.microphone)}
      {state.microphone.wanted && state.microphone.track !== null && (
        <LevelMeter track={state.microphone.track} />
      )}
      {speakers.length > 1 && (
        <Choice
          label={texts.speaker}
          options={speakers}
          selected={speaker === '' ? (speakers[0]?.id ?? '') : speaker}
          onSelect={onSpeaker}
        />
      )}
      <Button icon={<Volume2 size={18} />} pending={sounding} onPress={() => void test()}>
        {texts.testSound}
      </Button>
    </>
  );
}

/** Until the browser was allowed to tell, devices have neither names nor ids. */
function optionsOf(list: readonly MediaDeviceInfo[], kind: MediaDeviceKind): { id: string; name: string }[] {
  return list
    .filter((device) => device.kind === kind && device.deviceId !== '')
    .map(({ deviceId, label }) => ({ id: deviceId, name: label === '' ? deviceId.slice(0, 8) : label }));
}
