import { type Participant, PROTOCOL_VERSION } from '../../services/signal/src/protocol/index.ts';
import { send } from './edge.ts';
import { stack } from './tandem.ts';

/** Somebody in a call who has no browser. */
export interface SignalLine extends Disposable {
  participants(): Participant[];
}

/**
 * Joins a room as a guest, as far as signalling goes.
 * @throws Error with the refusal
 */
export async function openSignalLine(room: string, name: string): Promise<SignalLine> {
  const { accessToken } = (await send('POST', '/api/auth/guests', undefined, { name })).body;
  const { grant } = (await send('POST', `/api/rooms/${room}/join`, accessToken)).body;
  const socket = new WebSocket(`${stack().edge.replace('http', 'ws')}/api/signal`);
  let people: Participant[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error(`${name} has no line`)));
    socket.addEventListener('close', ({ code }) =>
      reject(new Error(`${name}'s line was closed with ${code}`)),
    );
    socket.addEventListener('open', () =>
      socket.send(JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION, grant })),
    );
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'bye') reject(new Error(JSON.stringify(frame)));
      if (frame.type === 'welcome') {
        people = frame.participants;
        resolve();
      }
      if (frame.type !== 'event' || frame.from !== 'room') return;
      const { type, participant } = frame.event;
      if (type === 'joined') people = [...people.filter(({ id }) => id !== participant.id), participant];
      if (type === 'left') people = people.filter(({ id }) => id !== participant);
    });
  });
  return {
    participants: () => people,
    [Symbol.dispose]() {
      socket.send(JSON.stringify({ type: 'request', id: 1, method: 'self.leave', params: {} }));
      socket.close();
    },
  };
}
