import { useEffect, useState } from 'react';
import type { Call } from '../call/call.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useSetting } from '../ui/use-setting.ts';
import { createRecognition, Speech } from './speech.ts';

/** Gives the others what is said here as text, where that is wanted and the browser can do it. */
export function useOwnCaptions(call: Call, isHeard: boolean) {
  const { language } = useLanguage();
  const [isOn, turn] = useSetting('tandem.own-captions', false);
  const [hasFailed, setHasFailed] = useState(false);
  const isListening = isOn && isHeard && !hasFailed;
  useEffect(() => {
    const recognition = isListening ? createRecognition() : null;
    if (recognition === null) return;
    const speech = new Speech({
      recognition,
      // The person's own kind of it, such as en-GB.
      language: navigator.languages.find((each) => each.startsWith(language)) ?? language,
      say: (spoken) => call.caption(spoken),
      failed: () => setHasFailed(true),
    });
    return () => speech.stop();
  }, [call, isListening, language]);
  return {
    canDo: 'SpeechRecognition' in globalThis || 'webkitSpeechRecognition' in globalThis,
    isOn: isOn && !hasFailed,
    /** It was wanted, and the browser did not do it. */
    hasFailed,
    turn(on: boolean) {
      setHasFailed(false);
      turn(on);
    },
  };
}
