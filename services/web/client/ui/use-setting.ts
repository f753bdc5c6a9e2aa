import { useState } from 'react';

/** Something that is on unless somebody has turned it off in this browser, which remembers that. */
export function useSetting(storageKey: string): [isOn: boolean, turn: (on: boolean) => void] {
  const [isOn, setIsOn] = useState(() => {
    try {
      return localStorage.getItem(storageKey) !== 'off';
    } catch {
      return true;
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
