import { useEffect, useMemo, useState } from 'react';
import type { Devices, DevicesState } from '../../devices/devices.ts';
import { useSetting } from '../../ui/use-setting.ts';

/** The last sound of a word is over a moment after the finger has gone up, in ms. */
const TAIL_MS = 250;

/**
 * The space bar as a microphone button: who is muted is heard while it is held. The microphone stays open meanwhile, so that the
 * first syllable is not lost.
 */
export function usePushToTalk(devices: Devices, { microphone }: DevicesState, maySend: boolean) {
  const [isOn, turn] = useSetting('tandem.push-to-talk');
  const [isTalking, setIsTalking] = useState(false);
  useEffect(() => {
    devices.keepsMicrophone = isOn && maySend;
    return () => {
      devices.keepsMicrophone = false;
    };
  }, [devices, isOn, maySend]);
  const talk = useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return (isDown: boolean) => {
      clearTimeout(timer);
      if (isDown) {
        setIsTalking(true);
        void devices.turn('microphone', true);
      } else {
        timer = setTimeout(() => {
          setIsTalking(false);
          void devices.turn('microphone', false);
        }, TAIL_MS);
      }
    };
  }, [devices]);
  return {
    isOn,
    /** The key is held, so that somebody is heard who is muted otherwise. */
    isTalking,
    /** Null where there is nothing to be held: it is turned off, or the microphone is on already. */
    hold: isOn && maySend && (isTalking || !microphone.wanted) ? talk : null,
    turn,
  };
}
