import { useEffect, useRef, useState } from 'react';
import { Problem } from '../api/problem.ts';
import { pause } from '../api/request.ts';
import type { Grant } from '../api/rooms.ts';
import { useServices } from '../services.tsx';

/** How far somebody is on the way into a room. */
export type Joining =
  | { step: 'outside'; error: unknown }
  | { step: 'asking' }
  | { step: 'lobby'; grant: Grant }
  | { step: 'inside'; grant: Grant };

/** Who waits in a lobby asks again so often, in milliseconds; rooms forgets whom it has not heard of for a minute. */
const lobbyMs = 3_000;

const storageKey = 'tandem.inside';

/** The room that this tab is in, kept over a reload; without storage one is asked again. */
const inside = {
  get room(): string | null {
    try {
      return sessionStorage.getItem(storageKey);
    } catch {
      return null;
    }
  },
  set room(room: string | null) {
    try {
      if (room === null) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, room);
    } catch {}
  },
};

/** Joins a room: through its lobby, if that is the way. */
export function useJoin(room: string, code: string | null) {
  const { rooms, session } = useServices();
  const [joining, setJoining] = useState<Joining>({ step: 'outside', error: null });
  const under = useRef<AbortController | null>(null);
  const waits = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page appears
  useEffect(() => {
    // Whoever was inside when the page was loaded again comes back without a question.
    if (session.person !== null && inside.room === room) join(null);
    return () => under.current?.abort();
  }, []);

  const walk = async (name: string | null, signal: AbortSignal) => {
    if (name !== null) await session.enterAsGuest(name);
    for (;;) {
      const grant = await rooms.join(room, code).catch((error: unknown) => {
        // Whoever waits already goes on waiting while the services are away.
        if (waits.current && error instanceof Problem && [0, 429, 502, 503, 504].includes(error.status))
          return null;
        throw error;
      });
      signal.throwIfAborted();
      if (grant !== null && grant.role !== 'lobby') {
        inside.room = room;
        setJoining({ step: 'inside', grant });
        return;
      }
      if (grant !== null) setJoining({ step: 'lobby', grant });
      waits.current = true;
      await pause(lobbyMs, signal);
    }
  };
  /** @param name of a guest who has no session yet */
  function join(name: string | null) {
    under.current?.abort();
    const attempt = new AbortController();
    under.current = attempt;
    waits.current = false;
    setJoining({ step: 'asking' });
    walk(name, attempt.signal).catch((error: unknown) => {
      if (!attempt.signal.aborted) setJoining({ step: 'outside', error });
    });
  }
  function leave() {
    under.current?.abort();
    inside.room = null;
    setJoining({ step: 'outside', error: null });
  }
  return { joining, join, leave };
}
