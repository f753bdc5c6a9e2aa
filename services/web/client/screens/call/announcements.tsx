import { useEffect, useRef, useState } from 'react';
import type { Waiting } from '../../api/rooms.ts';
import type { CallState } from '../../call/call.ts';
import { useMessages } from '../../i18n/language.tsx';

/** Says to those who cannot see it who comes and goes, and how the connection is. */
export function Announcements({ state, waiting }: { state: CallState; waiting: readonly Waiting[] }) {
  const { call, people } = useMessages();
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
      ...(former.moves < state.moves ? [call.moved] : []),
      ...(former.line === 'reconnecting' && state.line === 'open' ? [call.reconnected] : []),
    ];
    if (words.length > 0) setSaid(words.join(' '));
  }, [state, call]);
  const known = useRef<readonly Waiting[]>([]);
  useEffect(() => {
    const others = waiting.filter(({ userId }) => !known.current.some((each) => each.userId === userId));
    known.current = waiting;
    if (others.length > 0) setSaid(others.map(({ name }) => people.knocks(name)).join(' '));
  }, [waiting, people]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {said}
    </div>
  );
}
