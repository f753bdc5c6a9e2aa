import { useEffect, useState } from 'react';
import { pause } from '../../api/request.ts';
import type { Waiting } from '../../api/rooms.ts';
import { useServices } from '../../services.tsx';

/** So often a moderator's client asks who waits, in ms: rooms tells nobody by itself. */
const LOOK_MS = 3_000;

/** Who waits in front of the room; nobody for those who may not decide about it. */
export function useLobby(room: string, mayModerate: boolean) {
  const { rooms } = useServices();
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  useEffect(() => {
    setWaiting([]);
    if (!mayModerate) return;
    const end = new AbortController();
    const look = async () => {
      while (!end.signal.aborted) {
        // What is not answered now is answered the next time.
        const found = await rooms.lobby(room, end.signal).catch(() => null);
        if (found !== null && !end.signal.aborted) setWaiting(found);
        await pause(LOOK_MS, end.signal).catch(() => undefined);
      }
    };
    void look();
    return () => end.abort();
  }, [rooms, room, mayModerate]);
  return {
    waiting,
    /** @throws Problem */
    async decide(user: string, isAdmitted: boolean) {
      await rooms.decide(room, user, isAdmitted);
      setWaiting((former) => former.filter(({ userId }) => userId !== user));
    },
  };
}
