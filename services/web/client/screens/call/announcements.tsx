import { useEffect, useRef, useState } from 'react';
import type { CallState } from '../../call/call.ts';
import { useMessages } from '../../i18n/language.tsx';

/** Says to those who cannot see it who comes and goes, and how the connection is. */
export function Announcements({ state }: { state: CallState }) {
  const { call } = useMessages();
  const [said, setSaid] = useState('');
  const before = useRef<CallState | null>(null);
  useEffect(() => {
    const former = before.current;
    before.current = state;
    if (former === null || former.me === '') return;
    const names = (list: CallState['participants'], without: CallState['participants']) =>
      list.filter(({ id }) => !without.some((each) => each.id === id)).map(({ name }) => name);
    const words = [
      ...names(state.participants, former.participants).map((name) => call.joined(name)),
      ...names(former.participants, state.participants).map((name) => call.left(name)),
      ...(former.line === 'reconnecting' && state.line === 'open' ? [call.reconnected] : []),
    ];
    if (words.length > 0) setSaid(words.join(' '));
  }, [state, call]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {said}
    </div>
  );
}
