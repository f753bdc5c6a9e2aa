import { useMessages } from '../i18n/language.tsx';
import { Notice } from '../ui/notice.tsx';
import type { DevicesState } from './devices.ts';

/** What is wrong with camera and microphone, and what helps. */
export function DeviceFaults({ state: { camera, microphone } }: { state: DevicesState }) {
  const { devices: texts } = useMessages();
  const faults = [
    { name: texts.camera, state: camera },
    { name: texts.microphone, state: microphone },
  ].filter(({ state }) => state.wanted && state.fault !== null);
  if (faults.some(({ state }) => state.fault === 'blocked')) {
    return (
      <Notice tone="fault">
        <strong>{texts.blockedTitle}</strong>
        <br />
        {texts.blockedText}
      </Notice>
    );
  }
  if ((camera.asking || microphone.asking) && camera.track === null && microphone.track === null) {
    return <Notice>{texts.asking}</Notice>;
  }
  if (faults.length === 0) return null;
  return (
    <Notice tone="fault">
      {faults.map(({ name, state: { fault } }) => (
        <div key={name}>
          {name}: {fault === 'taken' ? texts.taken : fault === 'missing' ? texts.missing : texts.failed}
        </div>
      ))}
    </Notice>
  );
}
