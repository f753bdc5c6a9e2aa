import { useState } from 'react';

/** Something that somebody turns on or off in this browser, which remembers it. */
export function useSetting(
  storageKey: string,
  byDefault = true,
): [isOn: boolean, turn: (on: boolean) => void] {
  const [isOn, setIsOn] = useState(() => {
    try {
      const kept = localStorage.getItem(storageKey);
      return kept === null ? byDefault : kept === 'on';
    } catch {
      return byDefault;
    }
  });
  const turn = (on: boolean) => {
    setIsOn(on);
    try {
      localStorage.setItem(storageKey, on ? 'on' : 'off');
    } catch {
      // Without storage it lasts as long as the page.
    }
  };
  return [isOn, turn];
}
