import { useLayoutEffect, useRef } from 'react';

/** What a key does, by its name in `KeyboardEvent.key`, in lower case. */
export type Keys = Readonly<Record<string, () => void>>;

/** Where keys write or choose something. */
const taken = 'input, textarea, select, [contenteditable], [role=menu], [role=listbox], [role=dialog]';

/**
 * Single keys for a whole page, and a key to be held: attached once, from the first time that the component is painted.
 * @param hold is told when the space bar goes down and up; null where nothing is to happen then
 */
export function useKeys(keys: Keys, hold: ((isDown: boolean) => void) | null): void {
  const latest = useRef({ keys, hold });
  useLayoutEffect(() => {
    latest.current = { keys, hold };
  });
  useLayoutEffect(() => {
    const end = new AbortController();
    let isHeld = false;
    const release = () => {
      if (!isHeld) return;
      isHeld = false;
      latest.current.hold?.(false);
    };
    const down = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest(taken) !== null) return;
      if (event.key === ' ') {
        // Whoever moves by the keyboard presses buttons with it.
        if (latest.current.hold === null || target.closest('button, a') !== null) return;
        event.preventDefault();
        event.stopPropagation();
        if (!isHeld) latest.current.hold(true);
        isHeld = true;
        return;
      }
      const does = event.repeat ? undefined : latest.current.keys[event.key.toLowerCase()];
      if (does === undefined) return;
      event.preventDefault();
      does();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key !== ' ' || !isHeld) return;
      event.preventDefault();
      event.stopPropagation();
      release();
    };
    // The space bar would press a button again that was clicked; what has opened something gets the focus back afterwards.
    const clicked = ({ target, detail }: MouseEvent) => {
      const button = target instanceof Element ? target.closest('button') : null;
      if (button === null || detail === 0 || button.closest(taken) !== null) return;
      setTimeout(() => {
        if (button === document.activeElement && button.ariaExpanded !== 'true') button.blur();
      });
    };
    const options = { capture: true, signal: end.signal };
    addEventListener('click', clicked, options);
    addEventListener('keydown', down, options);
    addEventListener('keyup', up, options);
    addEventListener('blur', release, { signal: end.signal });
    return () => {
      end.abort();
      release();
    };
  }, []);
}
